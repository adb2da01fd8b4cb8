import * as v from 'valibot';
import { sha256Hex } from '../binaries/binary.ts';
import type { GeneratedReport } from './report-definition.ts';

const summarySchema = v.object({
  entries: v.array(v.object({ path: v.string(), content: v.unknown() })),
  provenance: v.record(v.string(), v.unknown()),
  episodes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
};

/** What stands before the JSON: which form it has, under which fingerprint it was kept, and the SHA-256 of the rest. */
const headOf = (fingerprint: string, hash: string): string => `summary 1 ${fingerprint} ${hash}\n`;

const headBytes = headOf('', '').length + 128;

/**
 * A summary as it is stored: a line with its form, its fingerprint and its SHA-256, then the summary as compact JSON in UTF-8.
 *
 * @param fingerprint 64 digits in lower-case hex
 */
export const writeSummary = (fingerprint: string, { entries, provenance, episodes }: GeneratedReport): Uint8Array => {
  const json = JSON.stringify({ entries, provenance, episodes });
  return Buffer.from(headOf(fingerprint, sha256Hex(json)) + json);
};

/**
 * The summary in stored bytes, or undefined for anything that {@link writeSummary} did not write for this fingerprint as it stands there:
 * cut, changed, of another form, of something else. Serialised again, it is what was written, to the byte.
 */
export const readSummary = (fingerprint: string, bytes: Uint8Array): GeneratedReport | undefined => {
  const rest = bytes.subarray(headBytes);
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(headBytes, bytes.length)).toString('latin1');
  if (head !== headOf(fingerprint, sha256Hex(rest))) return undefined;
  const json = parseJson(rest);
  return v.is(summarySchema, json) ? json : undefined;
};
