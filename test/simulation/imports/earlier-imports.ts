import { gzipSync } from 'node:zlib';
import { writeExtension } from '../../../functions/imports/data-set-history.ts';
import type { InMemoryBucket } from '../stores/in-memory-bucket.ts';
import type { CurrentGeneration } from '../world.ts';
import { describeContent, type ExportContent, hashOf } from './export-content.ts';

const hour = 3_600_000;
/** A night apart, the newest of last night. */
const ages = [78, 54, 30];

const idOf = (time: number): string => {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

const packed = new Map<string, Uint8Array>();

const pack = (name: string, plain: Uint8Array): Uint8Array => {
  const bytes = packed.get(name) ?? gzipSync(plain);
  packed.set(name, bytes);
  return bytes;
};

/** When an operator went back to the oldest, in hours before the run. */
const rolledBackAge = 20;

/** What the manifest of one night told of the nights before: which it replaced. */
const extensionOf = (start: number, age: number): object =>
  writeExtension({
    published: start - age * hour,
    history: {
      since: start - Math.max(...ages) * hour,
      until: new Map(
        ages.filter((other) => other === age + 24).map((other) => [idOf(start - other * hour), start - age * hour]),
      ),
    },
  });

const manifestOf = (
  id: string,
  content: ExportContent,
  name: string,
  bytes: Uint8Array,
  extension: object,
): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      transactionTime: content.transactionTime,
      request: `urn:uuid:${id}`,
      extension,
      output: [
        {
          type: 'EpisodeOfCare',
          url: name,
          count: content.patients,
          extension: { bytes: bytes.length, sha256: hashOf(bytes) },
        },
      ],
    }),
  );

/**
 * Puts a tenant's data sets of the last nights into the bucket, as imports left them; gives what is to be known of them.
 *
 * @param isRolledBack the oldest is in use again
 */
export const putEarlierImports = (
  bucket: InMemoryBucket,
  tenant: string,
  start: number,
  isRolledBack: boolean,
): CurrentGeneration[] => {
  const ends = [...ages.slice(1), isRolledBack ? rolledBackAge : Number.NEGATIVE_INFINITY];
  const inUse = isRolledBack ? 0 : ages.length - 1;
  return ages.map((age, index): CurrentGeneration => {
    const begun = start - age * hour;
    const id = idOf(begun);
    const content = describeContent(`${tenant}-earlier`, index, new Date(begun).toISOString(), 1);
    const bytes = pack(`${tenant} ${begun}`, content.files[0] ?? new Uint8Array());
    const name = `imports/${id}/0001-00000000.ndjson.gz`;
    const manifest = manifestOf(id, content, name, bytes, extensionOf(start, age));
    const put = (key: string, stored: Uint8Array, at = begun) =>
      bucket.put(`${tenant}/${key}`, stored, false, undefined, at);
    put(name, bytes);
    put(`imports/${id}/manifest.json`, manifest);
    if (index === inUse) put('manifest.json', manifest, isRolledBack ? start - rolledBackAge * hour : begun);
    const until = index === inUse ? Number.POSITIVE_INFINITY : start - (ends[index] ?? 0) * hour;
    const files = [{ name, sha256: hashOf(bytes) }];
    return { ...content, tenant, number: index, isSpoilt: false, files, from: begun, until };
  });
};
