import { warmUp } from '../platform/warm-up.ts';
import { readApiConfig } from './config.ts';
import { createApiHandler } from './create-api-handler.ts';
import { createApiDependencies } from './dependencies.ts';

const { warmUps, ...dependencies } = createApiDependencies(readApiConfig());

await warmUp(warmUps, dependencies);

/** The api Lambda. Fails at init, with every problem listed, when its settings are not usable; not when a service is down. */
export const handler = createApiHandler(dependencies);
