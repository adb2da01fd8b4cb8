import type { DataSetFiles } from '../../functions/imports/data-set-files.ts';

/** Data sets over a Map. */
export interface InMemoryDataSetFiles extends DataSetFiles {
  /** Everything that is stored, by `<tenant>/<name>`. */
  readonly stored: Map<string, Buffer>;
}

/** An empty bucket. */
export const createInMemoryDataSetFiles = (): InMemoryDataSetFiles => {
  const stored = new Map<string, Buffer>();
  const etagOf = (bytes: Buffer): string => `"${bytes.length}-${bytes.toString('base64').slice(-16)}"`;
  const below = (prefix: string) => [...stored.keys()].filter((key) => key.startsWith(prefix));
  const readManifest: DataSetFiles['readManifest'] = async (tenantId) => {
    const bytes = stored.get(`${tenantId}/manifest.json`);
    return bytes === undefined ? undefined : { etag: etagOf(bytes), text: bytes.toString('utf8') };
  };
  return {
    stored,
    readManifest,
    put: async (tenantId, name, bytes) => void stored.set(`${tenantId}/${name}`, Buffer.from(bytes)),
    get: async (tenantId, name) => stored.get(`${tenantId}/${name}`)?.toString('utf8'),
    async publish(tenantId, manifest, seen) {
      if ((await readManifest(tenantId))?.etag !== seen?.etag) return false;
      stored.set(`${tenantId}/manifest.json`, Buffer.from(manifest));
      return true;
    },
    listImports: async (tenantId) => {
      const root = `${tenantId}/imports/`;
      return [...new Set(below(root).map((key) => key.slice(root.length).split('/')[0] ?? ''))].sort();
    },
    async removeImport(tenantId, importId, kept) {
      const doomed = below(`${tenantId}/imports/${importId}/`).filter(
        (key) => !kept.has(key.slice(tenantId.length + 1)),
      );
      for (const key of doomed) stored.delete(key);
      return doomed.length;
    },
  };
};
