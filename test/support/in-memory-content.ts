import { contentPrefix } from '../../functions/binaries/binary.ts';
import type { BinaryContent, BinaryEraser } from '../../functions/binaries/binary-content.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';

/** A content store in memory: create-only, as the bucket's policy has it. */
export interface InMemoryContent extends BinaryContent, BinaryEraser {
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

/** An empty content store. */
export const createInMemoryContent = (): InMemoryContent => {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    async put(_tenantId, { key, bytes }) {
      if (!objects.has(key)) objects.set(key, bytes);
    },
    async get(_tenantId, key) {
      const bytes = objects.get(key);
      if (bytes === undefined) throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'content-missing' });
      return bytes;
    },
    link: async (_tenantId, key) => `https://content.example/${key}?signed`,
    async eraseAll(tenantId, binaryId) {
      for (const key of objects.keys()) {
        if (key.startsWith(contentPrefix(tenantId, binaryId))) objects.delete(key);
      }
    },
  };
};
