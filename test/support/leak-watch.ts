import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';

// What must come out nowhere in the whole run of the tests (invariant I9), and what came out all the same. `watch-leaks.ts` puts the
// watch at every place where something can come out.

interface Watch {
  /** The first characters of every part of every token that a test made or sent. */
  readonly tokens: Set<string>;
  readonly leaks: string[];
  /** What was there before the watch was put over it. */
  readonly originals: Map<string, unknown>;
}

const key = Symbol.for('serverless-reporting leak watch');
const holder = globalThis as { [key]?: Watch };
/** One a process, however often this module is loaded. */
holder[key] ??= { tokens: new Set(), leaks: [], originals: new Map() };
const { tokens, leaks, originals } = holder[key];

const told = 20;

/** A reference to a patient, and whatever a test calls planted. */
const patient = /Patient\/[A-Za-z0-9]|planted/i;
/** The beginning of what could be a part of a token. */
const partBegins = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{20}/g;

/** What a name of the process stood for when it was first asked for: files that share a process must not cover it again and again. */
export const originalOf = <Original>(name: string, current: Original): Original => {
  if (!originals.has(name)) originals.set(name, current);
  return originals.get(name) as Original;
};

/**
 * From now on no part of this token may come out. Texts of fewer than 20 characters are no secret: tests name callers by them.
 *
 * @param authorization a token, or a header with one
 */
export const registerToken = (authorization: string | undefined): void => {
  for (const part of (authorization ?? '').split(/[^A-Za-z0-9_-]/)) {
    if (part.length >= told) tokens.add(part.slice(0, told));
  }
};

const findInText = (text: string): readonly string[] => {
  const found: string[] = [];
  if (patient.test(text)) found.push('a patient');
  for (const [part] of text.matchAll(partBegins)) if (tokens.has(part)) found.push('a token');
  return found;
};

/** What a ZIP or a gzip stream holds; of anything else nothing. */
const unpack = (bytes: Uint8Array): readonly Uint8Array[] => {
  try {
    if (bytes[0] === 0x50 && bytes[1] === 0x4b) return Object.values(unzipSync(bytes));
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? [gunzipSync(bytes)] : [];
  } catch {
    return [];
  }
};

const findInBytes = (bytes: Uint8Array): readonly string[] => [
  ...findInText(Buffer.from(bytes).toString('utf8')),
  ...unpack(bytes).flatMap(findInBytes),
];

/** What is wrapped in base64 is looked at too: a Binary's content, and a ZIP in it. */
const findInWrapped = (text: string): readonly string[] =>
  text.length >= 16 && !/[^A-Za-z0-9+/=]/.test(text) ? findInBytes(Buffer.from(text, 'base64')) : [];

const findInJson = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [...findInText(value), ...findInWrapped(value)];
  if (value instanceof Uint8Array) return findInBytes(value);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [...findInText(name), ...findInJson(member)]);
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/** What must not be in a value and is: `a patient`, `a token`. Looks into objects, JSON, base64, gzip and ZIP. */
export const findLeaks = (value: unknown): readonly string[] => {
  const read = typeof value === 'string' ? parse(value) : value;
  return [...new Set(findInJson(read))];
};

/** Looks at what comes out at a place. A leak is kept, and fails the test that is running; never throws. */
export const watch = (place: string, value: unknown): void => {
  for (const leak of findLeaks(value)) leaks.push(`${leak} in ${place}`);
};

/** The leaks so far, by place and without their value; they are forgotten. */
export const takeLeaks = (): readonly string[] => [...new Set(leaks.splice(0))];
