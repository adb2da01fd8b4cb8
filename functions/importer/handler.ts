import { readImporterConfig } from './config.ts';
import { createImporterHandler } from './create-importer-handler.ts';
import { createImporterDependencies } from './dependencies.ts';

/** The importer Lambda. Fails at init, with every problem listed, when its settings are not usable. */
export const handler = createImporterHandler(createImporterDependencies(readImporterConfig()));
