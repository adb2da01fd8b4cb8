import type { DataSetFiles } from '../../functions/imports/data-set-files.ts';

/** Data sets over a Map. */
export interface InMemoryDataSetFiles extends DataSetFiles {
  /** Everything that is stored, by `<tenant>/<name>`. */
  readonly stored: Map<string, Buffer>;
}

/**
 * An empty bucket.
 *
 * @param now when what is published is put there; what a test puts into `stored` itself is there since ever
 */
export const createInMemoryDataSetFiles = (now: () => number = () => 0): InMemoryDataSetFiles => {
  const stored = new Map<string, Buffer>();
  const published = new WeakMap<Buffer, number>();
  const etagOf = (bytes: Buffer): string => `"${bytes.length}-${bytes.toString('base64').slice(-16)}"`;
  const below = (prefix: string) => [...stored.keys()].filter((key) => key.startsWith(prefix));
  const readManifest: DataSetFiles['readManifest'] = async (tenantId) => {
    const bytes = stored.get(`${tenantId}/manifest.json`);
    if (bytes === undefined) return undefined;
    return { etag: etagOf(bytes), text: bytes.toString('utf8'), modified: published.get(bytes) ?? 0 };
  };
  return {
    stored,
    readManifest,
    put: async (tenantId, name, bytes) => void stored.set(`${tenantId}/${name}`, Buffer.from(bytes)),
    get: async (tenantId, name) => stored.get(`${tenantId}/${name}`)?.toString('utf8'),
    async publish(tenantId, manifest, seen) {
      if ((await readManifest(tenantId))?.etag !== seen?.etag) return false;
      const bytes = Buffer.from(manifest);
      published.set(bytes, now());
      stored.set(`${tenantId}/manifest.json`, bytes);
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
