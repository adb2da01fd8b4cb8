import { S3Client } from '@aws-sdk/client-s3';
import { readApiConfig } from '../../functions/api/config.ts';
import { type ApiDependencies, createApiDependencies } from '../../functions/api/dependencies.ts';
import { contentKey, placeholder } from '../../functions/binaries/binary.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { clientSettings } from '../../functions/platform/client-settings.ts';

/** The api as it is deployed, but for who verifies tokens; and with orders placed one call after the other, as they were before decision 16. */
export interface OrderVariants {
  readonly wired: ApiDependencies;
  readonly before: ApiDependencies;
}

/** The api over the services that the SDK's variables name. */
export const createVariants = (own: Pick<ApiDependencies, 'verifier'>): OrderVariants => {
  const config = readApiConfig();
  const wired = { ...createApiDependencies(config, () => {}), ...own };
  const content = createS3BinaryContent(new S3Client(clientSettings), config.contentBucket);
  const { jobs, queue } = wired;
  const before: ApiDependencies = {
    ...wired,
    jobs: {
      ...jobs,
      async place(tenantId, job) {
        const key = contentKey(tenantId, job.binaryId, 1, job.jobId);
        await content.put(tenantId, { key, ...placeholder }, new AbortController().signal);
        const placed = await jobs.place(tenantId, job);
        await queue.send(tenantId, job.binaryId);
        return placed;
      },
    },
    queue: { send: async () => {} },
  };
  return { wired, before };
};
