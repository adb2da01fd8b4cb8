import type { Import } from './import.ts';
import type { ImportStore } from './import-store.ts';

/** Somebody else has written to the import: it was called off, has ended, or is in other hands. Nothing more may be recorded for it. */
export class ImportLost extends Error {
  override readonly name = 'ImportLost';
}

/** An import in the hands of one worker: what it is now, and the way to change it. */
export interface ImportGrip {
  readonly import: Import;
  /**
   * Records what a transition makes of it.
   *
   * @throws ImportLost; ServiceError, after which nothing is known
   */
  save(change: (held: Import) => Import): Promise<void>;
}

/** Takes hold of an import as it was last written. */
export const gripImport = (store: ImportStore, held: Import): ImportGrip => {
  let current = held;
  return {
    get import() {
      return current;
    },
    async save(change) {
      const written = await store.replace(current.tenantId, current, change(current));
      if (written.outcome === 'conflict') throw new ImportLost();
      current = written.import;
    },
  };
};
