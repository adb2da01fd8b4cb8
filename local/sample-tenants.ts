import { gzipSync } from 'node:zlib';
import { isTenantId } from '../functions/auth/tenant.ts';
import { createBytesInput } from './data-set-input.ts';
import { hasDataSet, loadDataSet } from './load-data-set.ts';
import type { DataSetStore } from './manifest-in-use.ts';
import { generateEpisodes } from './synthetic-episodes.ts';

/** A tenant of the embedded runtime, and the invented data set that it starts with. */
export interface SampleTenant {
  /** `iss` of its tokens. The host is nobody's: keys come from the embedded issuer. */
  readonly issuer: string;
  readonly audience: string;
  readonly episodes: number;
  readonly seed: number;
  /** The most jobs that may be open at the same time; by default as many as any tenant's. */
  readonly openJobs?: { readonly execute: number; readonly schedule: number };
}

/** The tenants that the embedded runtime starts with. Two, so that one can be kept from the other. */
export const sampleTenants: Readonly<Record<string, SampleTenant>> = {
  demo: { issuer: 'https://login.reporting.test/realms/demo', audience: 'account', episodes: 3000, seed: 1 },
  other: { issuer: 'https://login.reporting.test/realms/other', audience: 'EHealth', episodes: 300, seed: 2 },
};

/** When the sample's invented export was made. Fixed, so that every run gives the same numbers. */
export const sampleCutOff = '2026-04-16T09:44:11.000Z';

/** Gives a sample tenant its invented data set, unless it has one: a kept one stays. */
export const loadSample = async (
  store: DataSetStore,
  tenant: string,
  { episodes, seed }: SampleTenant,
): Promise<void> => {
  if (!isTenantId(tenant)) throw new TypeError('a sample tenant has an unusable id');
  if (await hasDataSet(store, tenant)) return;
  const lines = [...generateEpisodes({ count: episodes, seed, cutOff: sampleCutOff })].map((line) => `${line}\n`);
  const input = createBytesInput('EpisodeOfCare.ndjson.gz', gzipSync(lines.join('')));
  await loadDataSet(store, tenant, [input], sampleCutOff);
};
