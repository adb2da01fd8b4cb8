import { gunzipSync } from 'node:zlib';
import type { StoredObject } from '../stores/in-memory-bucket.ts';
import type { Invariant } from '../violation.ts';
import type { CurrentGeneration } from '../world.ts';
import { type ExportContent, hashOf } from './export-content.ts';
import type { SimulatedExportServer } from './export-server.ts';
import type { ImportFacts } from './import-watch.ts';

/** What a watch needs. */
export interface DataSetWatchSurroundings {
  now(): number;
  readonly servers: ReadonlyMap<string, SimulatedExportServer>;
  /** Each tenant's exports that are or were current. */
  readonly generations: ReadonlyMap<string, CurrentGeneration[]>;
  importOf(importId: string): ImportFacts | undefined;
  read(key: string): StoredObject | undefined;
  /** For how long older data sets stay, in milliseconds. */
  readonly grace: number;
  readonly clockSpread: number;
  violate(invariant: Invariant, text: string): void;
}

/** A manifest as it stands in the bucket. */
interface StoredManifest {
  readonly transactionTime: string;
  readonly request?: string;
  readonly output: readonly {
    readonly url: string;
    readonly count?: number;
    readonly extension?: { readonly bytes: number; readonly sha256: string };
  }[];
}

/** A manifest that was sent while its import was at its last step arrives this much later at most: four attempts of the SDK, the last of them late. */
const onItsWay = 160_000;

const readManifest = (object: StoredObject | undefined): StoredManifest | undefined =>
  object === undefined ? undefined : (JSON.parse(Buffer.from(object.bytes).toString()) as StoredManifest);

const importIdOf = ({ request }: StoredManifest): string | undefined => /^urn:uuid:(.+)$/.exec(request ?? '')?.[1];

const countLines = (bytes: Uint8Array): number => bytes.filter((byte) => byte === 0x0a).length;

/** Looks at every change in the data bucket, as it is applied. Data sets that are loaded by hand are the operator's affair. */
export const createDataSetWatch = (surroundings: DataSetWatchSurroundings) => {
  const { now, servers, generations, importOf, read, grace, clockSpread, violate } = surroundings;

  /** I3: every file that the manifest names is there, with its bytes, count and hash. Gives the plain bytes of all. */
  const readWhole = (tenant: string, { output }: StoredManifest): Uint8Array => {
    const parts = output.map(({ url, count, extension }) => {
      const stored = read(`${tenant}/${url}`)?.bytes;
      if (stored?.length !== extension?.bytes || stored === undefined || hashOf(stored) !== extension?.sha256) {
        violate('I3', `the manifest of ${tenant} names ${url}, which is not there so`);
        return Buffer.alloc(0);
      }
      const plain = gunzipSync(stored);
      if (countLines(plain) !== count) violate('I3', `${tenant}/${url} has not ${count} lines`);
      return plain;
    });
    return Buffer.concat(parts);
  };

  /** I4, I10: what is made current is one export, of the tenant's own server. */
  const findContent = (tenant: string, manifest: StoredManifest): ExportContent | undefined => {
    const hash = hashOf(readWhole(tenant, manifest));
    const isIt = ({ sha256, transactionTime }: ExportContent) =>
      sha256 === hash && transactionTime === manifest.transactionTime;
    const found = [...servers.values()].flatMap(({ made }) => made).find(isIt);
    if (found === undefined) violate('I10', `the data set of ${tenant} is no one export that there was`);
    else if (found.tenant !== tenant) violate('I4', `the data set of ${tenant} is one of ${found.tenant}`);
    return found;
  };

  /** I7: only an import at its last step makes its data set current, and never in place of a newer one. */
  const checkRight = (tenant: string, importId: string, before: StoredManifest | undefined, after: StoredManifest) => {
    const facts = importOf(importId);
    if (facts?.tenant !== tenant) return violate('I4', `the import ${importId} is not of ${tenant}`);
    facts.wasInUse = true;
    const isAtIt = facts.state === 'FINISHING' || facts.state === 'DONE';
    const wasAtIt = facts.endedAt === 'FINISHING' && now() - (facts.ended ?? 0) <= onItsWay;
    if (!isAtIt && !wasAtIt) violate('I7', `an import of ${tenant} at ${facts.state} made its data set current`);
    if (Date.parse(after.transactionTime) < Date.parse(before?.transactionTime ?? ''))
      violate('I7', `the data set of ${tenant} went back from ${before?.transactionTime} to ${after.transactionTime}`);
  };

  const follow = (tenant: string, after: StoredManifest, content: ExportContent | undefined): void => {
    const known = generations.get(tenant) ?? [];
    const byHand = known.findLast(({ transactionTime, files }) => {
      return files === undefined && transactionTime === after.transactionTime;
    });
    const inUse = content === undefined ? byHand : undefined;
    // An import that came between its files and its manifest had ended it before it began.
    if (inUse !== undefined) inUse.until = Number.POSITIVE_INFINITY;
    for (const one of known) if (one !== inUse && one.from <= now()) one.until = Math.min(one.until, now());
    if (content === undefined) return;
    const files = after.output.map(({ url: name, extension }) => ({ name, sha256: extension?.sha256 ?? '' }));
    known.push({ ...content, isSpoilt: false, files, from: now(), until: Number.POSITIVE_INFINITY });
  };

  const checkManifest = (tenant: string, before: StoredObject | undefined, after: StoredObject | undefined): void => {
    const manifest = readManifest(after);
    if (manifest === undefined) {
      violate('I3', `the manifest of ${tenant} is gone`);
      return;
    }
    // A repeat of what is there changes nothing.
    if (before?.etag === after?.etag) return;
    const importId = importIdOf(manifest);
    if (importId !== undefined) checkRight(tenant, importId, readManifest(before), manifest);
    follow(tenant, manifest, importId === undefined ? undefined : findContent(tenant, manifest));
  };

  /** I3, I10: files of the data set in use stay as they are, and so do those of one that was in use within the grace, which counts from when what replaced it was sent. */
  const checkFile = (tenant: string, key: string, after: StoredObject | undefined): void => {
    const name = key.slice(tenant.length + 1);
    for (const { files, until } of generations.get(tenant) ?? []) {
      const file = files?.find((one) => one.name === name);
      if (file === undefined || (after !== undefined && hashOf(after.bytes) === file.sha256)) continue;
      const what = after === undefined ? 'removed' : 'changed';
      if (until > now()) violate('I3', `${key} of the data set in use was ${what}`);
      else if (until + grace > now() + clockSpread + onItsWay)
        violate('I10', `${key} was ${what} ${Math.round((now() - until) / 1000)} s after its data set was in use`);
    }
  };

  return {
    changed(key: string, before: StoredObject | undefined, after: StoredObject | undefined): void {
      const [tenant = ''] = key.split('/');
      if (!servers.has(tenant)) violate('I4', `what is stored under ${key} is no tenant's`);
      else if (key === `${tenant}/manifest.json`) checkManifest(tenant, before, after);
      else if (before !== undefined) checkFile(tenant, key, after);
    },
  };
};
