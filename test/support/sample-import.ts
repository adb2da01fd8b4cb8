import type { ManifestExtension } from '../../functions/imports/data-set-history.ts';
import type { Import } from '../../functions/imports/import.ts';
import type { ImportStore } from '../../functions/imports/import-store.ts';
import { demoTenant, sampleTime } from './sample-job.ts';

/** The id of all sample imports. */
export const sampleImportId = '01963e5f-5a2f-7abc-8def-0000000000aa';

/** An import just begun, due at once, with six hours to go; what is given replaces what it has. */
export const sampleImport = (own: Partial<Import> = {}): Import => ({
  tenantId: demoTenant,
  importId: sampleImportId,
  revision: 1,
  writer: 'writer-1',
  state: 'KICK_OFF',
  begun: sampleTime,
  deadline: sampleTime + 6 * 3_600_000,
  due: sampleTime,
  attempts: 0,
  restarts: 0,
  segments: [],
  previous: [],
  ...own,
});

/** What a manifest tells that is made current at the sample time and replaces nothing. */
export const sampleExtension: ManifestExtension = {
  published: sampleTime,
  history: { since: 0, until: new Map() },
};

/** What the dispatcher finds where nobody imports. */
export const noImports: Pick<ImportStore, 'read'> = { read: async () => undefined };
