import type { TenantId } from '../../functions/auth/tenant.ts';
import { type Import, isTidy } from '../../functions/imports/import.ts';
import type { ImportIndex, ImportStore } from '../../functions/imports/import-store.ts';
import { createCountedIds } from './counted-ids.ts';

/** The import store over a Map: the same contract as the table's, without any I/O. */
export interface InMemoryImportStore extends ImportStore, ImportIndex {
  /** Puts an import there, whatever was there. */
  put(one: Import): void;
}

/** An empty store. */
export const createInMemoryImportStore = (): InMemoryImportStore => {
  const items = new Map<TenantId, Import>();
  const ids = createCountedIds();
  return {
    put: (one) => void items.set(one.tenantId, one),
    read: async (tenantId) => items.get(tenantId),
    async begin(tenantId, fresh, before) {
      const there = items.get(tenantId);
      const isFree = there === undefined || (isTidy(there) && there.revision === before?.revision);
      if (!isFree) return { outcome: 'conflict', import: there };
      items.set(tenantId, { ...fresh, tenantId });
      return { outcome: 'applied', import: fresh };
    },
    async replace(tenantId, seen, changed) {
      const there = items.get(tenantId);
      if (there?.revision !== seen.revision || there.importId !== seen.importId) {
        return { outcome: 'conflict', import: there };
      }
      const next = { ...changed, tenantId, revision: seen.revision + 1, writer: ids.uuid() };
      items.set(tenantId, next);
      return { outcome: 'applied', import: next };
    },
    findDue: async (now, limit) =>
      [...items.values()]
        .filter(({ due }) => due !== undefined && due <= now)
        .sort((one, other) => Number(one.due) - Number(other.due))
        .slice(0, limit)
        .map(({ tenantId, importId }) => ({ tenantId, importId })),
  };
};
