import { contentKey, placeholder } from '../../functions/binaries/binary.ts';
import type { Job } from '../../functions/jobs/job.ts';
import type { Variant } from './variant.ts';
import type { World } from './world.ts';

/** A new job as the version of the service before decision 16 recorded it: the bytes of version 1 in the content store, under the order's key. */
export const withStoredPlaceholder = (job: Job): Job => {
  const key = contentKey(job.tenantId, job.binaryId, 1, job.jobId);
  return { ...job, versions: job.versions.map((version) => ({ ...version, content: { kind: 'stored', key } })) };
};

/** The service amid an upgrade: every other container of the api is of that version, which stores the bytes first and records them then. */
export const createMixedVersions = (): Variant => {
  const containers = new WeakMap<World, number>();
  return {
    api: (api, { world }) => {
      const count = containers.get(world) ?? 0;
      containers.set(world, count + 1);
      if (count % 2 === 0) return api;
      return {
        ...api,
        jobs: {
          ...api.jobs,
          async place(tenantId, job) {
            const key = contentKey(tenantId, job.binaryId, 1, job.jobId);
            await api.content.put(tenantId, { key, ...placeholder }, new AbortController().signal);
            return api.jobs.place(tenantId, withStoredPlaceholder(job));
          },
        },
      };
    },
  };
};
