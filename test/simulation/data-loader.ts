import { describeGeneration, objectsOf } from './data-sets.ts';
import type { InMemoryBucket } from './stores/in-memory-bucket.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { CurrentGeneration } from './world.ts';

/** What a loader needs. */
export interface LoaderSurroundings {
  readonly time: VirtualTime;
  readonly bucket: InMemoryBucket;
  readonly tenants: readonly string[];
  readonly isExact: boolean;
  /** Between two objects of an export, in milliseconds. */
  readonly pause: number;
  /** In place of the first exports: what is there of a tenant before the run, and later ones are cut off when they are loaded. */
  readonly putEarlier?: (tenant: string) => CurrentGeneration[];
}

/** Loads the tenants' exports: the first ones at once, later ones object by object over those that are there. */
export const createDataLoader = ({ time, bucket, tenants, isExact, pause, putEarlier }: LoaderSurroundings) => {
  const generations = new Map<string, CurrentGeneration[]>();
  const busyUntil = new Map<string, number>();
  for (const tenant of tenants) {
    if (putEarlier !== undefined) {
      generations.set(tenant, putEarlier(tenant));
      continue;
    }
    const first = { ...describeGeneration(tenant, 0), from: time.now(), until: Number.POSITIVE_INFINITY };
    generations.set(tenant, [first]);
    for (const { name, bytes } of objectsOf(first, isExact)) bucket.put(`${tenant}/${name}`, bytes, false);
  }
  return {
    generations,
    /** Loads the next export. Never two within two seconds: S3 tells times to the second, which is all that bare manifests have. */
    replace(tenant: string, isSpoilt: boolean): void {
      const known = generations.get(tenant) ?? [];
      const begin = Math.max(time.now(), (busyUntil.get(tenant) ?? time.now()) + 2000);
      const next = {
        ...describeGeneration(tenant, known.length, isSpoilt, putEarlier && begin),
        from: begin,
        until: Number.POSITIVE_INFINITY,
      };
      const last = known.at(-1);
      known.push(next);
      const objects = objectsOf(next, isExact);
      // The manifest comes last, and until then the one before is there.
      if (last !== undefined && putEarlier === undefined) last.until = begin + (objects.length - 1) * pause;
      for (const [at, { name, bytes }] of objects.entries()) {
        time.at(begin + at * pause, () => bucket.put(`${tenant}/${name}`, bytes, false));
      }
      busyUntil.set(tenant, begin + objects.length * pause);
    },
  };
};
