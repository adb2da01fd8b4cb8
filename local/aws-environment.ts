import { devNull } from 'node:os';
import type { Emulators } from './start-emulators.ts';

/** The region that the embedded runtime pretends to be in. It is part of the identity of kept queues. */
export const localRegion = 'eu-north-1';

/**
 * Points the AWS SDK at the emulators through its own environment variables, as `functions/` expects it. When all services are
 * emulated, settings of the user's AWS profile are kept out of it.
 *
 * @returns puts the variables back as they were
 */
export const useEmulators = ({
  endpoints,
  selfContained,
}: Pick<Emulators, 'endpoints' | 'selfContained'>): (() => void) => {
  const always = {
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SSM: endpoints.ssm,
  };
  const alone = {
    AWS_REGION: localRegion,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
  const fallback = {
    AWS_REGION: process.env['AWS_REGION'] ?? localRegion,
    AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID'] ?? 'local',
    AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'local',
  };
  const wanted = Object.entries<string | undefined>({ ...always, ...(selfContained ? alone : fallback) });
  const before = wanted.map(([name]) => [name, process.env[name]] as const);
  setVariables(wanted);
  return () => setVariables(before);
};

const setVariables = (variables: readonly (readonly [string, string | undefined])[]): void => {
  for (const [name, value] of variables) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
};
