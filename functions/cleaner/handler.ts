import { readCleanerConfig } from './config.ts';
import { createCleanerHandler } from './create-cleaner-handler.ts';
import { createCleanerDependencies } from './dependencies.ts';

/** The cleaner Lambda. Fails at init, with every problem listed, when its settings are not usable. */
export const handler = createCleanerHandler(createCleanerDependencies(readCleanerConfig()));
