import { readDispatcherConfig } from './config.ts';
import { createDispatcherHandler } from './create-dispatcher-handler.ts';
import { createDispatcherDependencies } from './dependencies.ts';

/** The dispatcher Lambda. Fails at init, with every problem listed, when its settings are not usable. */
export const handler = createDispatcherHandler(createDispatcherDependencies(readDispatcherConfig()));
