import type { TenantId } from '../auth/tenant.ts';
import type { GeneratedReport } from './report-definition.ts';

/** Which summary is meant: what a report of this name gives of what has this fingerprint (see `fingerprintRun`). */
export interface SummaryKey {
  /** Name of the report's definition. */
  readonly report: string;
  /** 64 digits in lower-case hex. */
  readonly fingerprint: string;
}

/**
 * What was kept: the summary; `missing`; or `damaged`, where something lies there that is not what was kept under this key, or that
 * cannot be read.
 */
export type KeptSummary = GeneratedReport | 'missing' | 'damaged';

/**
 * What reports gave, kept under the fingerprint of what they were made from, so that it need not be computed twice. It holds counts and
 * the names of files, never a patient. Nothing depends on it: what is lost is computed anew.
 *
 * Every method throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` or `DEPENDENCY_*` for a failure of the store, and the signal's reason
 * when it is aborted.
 */
export interface SummaryStore {
  /** The summary that was kept. It is checked: what comes back is to the byte what was given to `keep`. */
  read(tenantId: TenantId, key: SummaryKey, signal: AbortSignal): Promise<KeptSummary>;

  /** Keeps a summary. What is there already stays: nothing is written over, so nobody can change what was kept. */
  keep(tenantId: TenantId, key: SummaryKey, summary: GeneratedReport, signal: AbortSignal): Promise<void>;
}
