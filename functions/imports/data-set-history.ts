import * as v from 'valibot';
import type { CurrentManifest } from './data-set-files.ts';
import { longestRun } from './import-limits.ts';

/** The longest grace that can be set, in milliseconds: thirty days. Who does not know which it is remembers for so long. */
export const longestGrace = 720 * 3_600_000;

/** Which data sets were in use lately, as far as it is known. Times in milliseconds since the epoch. */
export interface DataSetHistory {
  /** What was in use from then on is known; before, it may have been any. */
  readonly since: number;
  /** Until when those that were replaced since then were in use at most, by the ids of their imports. */
  readonly until: ReadonlyMap<string, number>;
}

/** What a manifest tells besides its files, since nobody else could: it travels with what it is about. */
export interface ManifestExtension {
  /** When its import, or its load, was about to make it current. */
  readonly published: number;
  readonly history: DataSetHistory;
}

/** The extension as it stands in the manifest: times as text, in UTC. */
export const writeExtension = ({ published, history: { since, until } }: ManifestExtension): object => {
  const toText = (millis: number) => new Date(millis).toISOString();
  const entries = [...until].map(([importId, millis]) => [importId, toText(millis)] as const);
  return { published: toText(published), history: { since: toText(since), until: Object.fromEntries(entries) } };
};

const time = v.pipe(v.string(), v.transform(Date.parse), v.number());

const schema = v.object({
  extension: v.object({
    published: time,
    history: v.object({ since: time, until: v.record(v.string(), time) }),
  }),
});

const parse = (text: string): ManifestExtension | undefined => {
  try {
    const { published, history } = v.parse(schema, JSON.parse(text)).extension;
    return { published, history: { since: history.since, until: new Map(Object.entries(history.until)) } };
  } catch {
    return undefined;
  }
};

/**
 * From the moment that a manifest tells as that of its publication until S3 has it, in milliseconds, from and to: the importer, or the load,
 * puts it at once, with all its tries within a run of five minutes, and clocks differ by some seconds.
 */
const publishing = { from: -60_000, to: 6 * 60_000 };

/**
 * The history that the manifest in use tells. It does so only while it is as it was published: one that somebody put back there by hand,
 * or made with other tools, and one of a version that told none, was preceded by nobody knows what. Without a manifest nothing was in use.
 */
export const readHistory = (current: Pick<CurrentManifest, 'text' | 'modified'> | undefined): DataSetHistory => {
  if (current === undefined) return { since: 0, until: new Map() };
  const { text, modified } = current;
  const extension = parse(text);
  if (extension === undefined) return { since: modified, until: new Map() };
  const late = modified - extension.published;
  const isAsPublished = late >= publishing.from && late <= publishing.to;
  return isAsPublished ? extension.history : { since: modified, until: new Map() };
};

/**
 * What the manifest tells that replaces another: the replaced one was in use until the run that publishes can no longer be under way.
 * What is past the grace is forgotten.
 */
export const continueHistory = (
  { since, until }: DataSetHistory,
  replaced: ReadonlySet<string>,
  { now, grace }: { readonly now: number; readonly grace: number },
): ManifestExtension => {
  const remembered = [...until].filter(([, millis]) => millis + grace > now);
  const added = [...replaced].map((importId) => [importId, now + longestRun] as const);
  return { published: now, history: { since, until: new Map([...remembered, ...added]) } };
};

/** When an import's data set, which is not in use now, was in use at the latest; it may never have been. */
export const lastUse = ({ since, until }: DataSetHistory, importId: string): number =>
  Math.max(since, until.get(importId) ?? 0);
