import { isTenantId } from '../../functions/auth/tenant.ts';
import type { ReportRun } from '../../functions/reports/report-definition.ts';
import type { DataSetInMemory } from './in-memory-data-set.ts';

/** A run of a report for a tenant `demo` in Copenhagen that tolerates nothing, from the data set given. */
export const reportRun = ({ current }: DataSetInMemory, tenant: Partial<ReportRun['tenant']> = {}): ReportRun => {
  const id = 'demo';
  if (!isTenantId(id)) throw new TypeError('demo is a tenant id');
  return {
    tenant: { id, timeZone: 'Europe/Copenhagen', baseline: 10_000, toleratedLines: 0, ...tenant },
    parameters: [{ name: 'anonymization', valueString: 'ANONYMIZED' }],
    dataSet: current,
    signal: new AbortController().signal,
  };
};
