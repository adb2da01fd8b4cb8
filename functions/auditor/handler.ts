import { readAuditorConfig } from './config.ts';
import { createAuditorHandler } from './create-auditor-handler.ts';
import { createAuditorDependencies } from './dependencies.ts';

/** The auditor Lambda. Fails at init, with every problem listed, when its settings are not usable. */
export const handler = createAuditorHandler(createAuditorDependencies(readAuditorConfig()));
