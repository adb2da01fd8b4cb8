import { readWorkerConfig } from './config.ts';
import { createWorkerHandler } from './create-worker-handler.ts';
import { createWorkerDependencies } from './dependencies.ts';

/** The worker Lambda. Fails at init, with every problem listed, when its settings are not usable. */
export const handler = createWorkerHandler(createWorkerDependencies(readWorkerConfig()));
