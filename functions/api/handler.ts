import { readApiConfig } from './config.ts';
import { createApiHandler } from './create-api-handler.ts';
import { createApiDependencies } from './dependencies.ts';

/** The api Lambda. Fails at init, with every problem listed, when its settings are not usable. */
export const handler = createApiHandler(createApiDependencies(readApiConfig()));
