import { isTenantId } from '../../functions/auth/tenant.ts';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import type { ReportRun } from '../../functions/reports/report-definition.ts';

/** A run of a report for a tenant `demo` in Copenhagen that tolerates nothing, from the data sets given. */
export const reportRun = (dataSets: DataSetSource, tenant: Partial<ReportRun['tenant']> = {}): ReportRun => {
  const id = 'demo';
  if (!isTenantId(id)) throw new TypeError('demo is a tenant id');
  return {
    tenant: { id, timeZone: 'Europe/Copenhagen', baseline: 10_000, toleratedLines: 0, ...tenant },
    parameters: [{ name: 'anonymization', valueString: 'ANONYMIZED' }],
    dataSets,
    signal: new AbortController().signal,
  };
};
