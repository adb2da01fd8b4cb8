import { readSummary, writeSummary } from '../../functions/reports/summary-bytes.ts';
import type { SummaryKey, SummaryStore } from '../../functions/reports/summary-store.ts';

/** Summaries in memory, as the bytes that a bucket would have. */
export interface InMemorySummaries extends SummaryStore {
  /** By key: `<tenant>/<report>/<fingerprint>`. Tests may damage them. */
  readonly objects: Map<string, Uint8Array>;
}

/** An empty store of summaries. */
export const createInMemorySummaries = (): InMemorySummaries => {
  const objects = new Map<string, Uint8Array>();
  const keyOf = (tenant: string, { report, fingerprint }: SummaryKey) => `${tenant}/${report}/${fingerprint}`;
  return {
    objects,
    async read(tenantId, key) {
      const bytes = objects.get(keyOf(tenantId, key));
      return bytes === undefined ? 'missing' : (readSummary(key.fingerprint, bytes) ?? 'damaged');
    },
    async keep(tenantId, key, summary) {
      const place = keyOf(tenantId, key);
      if (!objects.has(place)) objects.set(place, writeSummary(key.fingerprint, summary));
    },
  };
};
