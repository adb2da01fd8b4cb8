import { restoreTenantId, type TenantId } from '../../functions/auth/tenant.ts';
import { contentPrefix } from '../../functions/binaries/binary.ts';
import type { BinaryContent, BinaryEraser, NewContent } from '../../functions/binaries/binary-content.ts';
import type { BinaryInventory } from '../../functions/binaries/binary-inventory.ts';
import { leastSortableUuid } from '../../functions/platform/ids.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';

/** A content store in memory: create-only, as the bucket's policy has it. */
export interface InMemoryContent extends BinaryContent, BinaryEraser, BinaryInventory {
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** Without a signal: what a test puts there itself. */
  put(tenantId: TenantId, content: NewContent, signal?: AbortSignal): Promise<void>;
}

/** An empty content store. */
export const createInMemoryContent = (): InMemoryContent => {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    async put(_tenantId, { key, bytes }, signal) {
      signal?.throwIfAborted();
      if (!objects.has(key)) objects.set(key, bytes);
    },
    async get(_tenantId, key) {
      const bytes = objects.get(key);
      if (bytes === undefined) throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'content-missing' });
      return bytes;
    },
    async link(_tenantId, key) {
      if (!objects.has(key)) throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'content-missing' });
      return `https://content.example/${key}?signed`;
    },
    async eraseAll(tenantId, binaryId) {
      for (const key of objects.keys()) {
        if (key.startsWith(contentPrefix(tenantId, binaryId))) objects.delete(key);
      }
    },
    async *tenants() {
      yield* new Set([...objects.keys()].map((key) => restoreTenantId(key.split('/')[0] ?? '')));
    },
    async *binaries(tenantId, { from, to }) {
      const own = [...objects.keys()].filter((key) => key.startsWith(`${tenantId}/Binary/`)).sort();
      for (const [binaryId, keys] of Map.groupBy(own, (key) => key.split('/')[2] ?? '')) {
        if (binaryId < leastSortableUuid(from) || binaryId >= leastSortableUuid(to)) continue;
        yield { binaryId, keys, sizes: keys.map((key) => objects.get(key)?.length ?? 0) };
      }
    },
    async remove(_tenantId, keys) {
      for (const key of keys) objects.delete(key);
    },
  };
};
