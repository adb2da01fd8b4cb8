import type { ReportPace, ReportPaceStore } from '../../functions/jobs/report-pace.ts';

/** The paces in a Map, by `<tenant>#<report>`. */
export interface InMemoryReportPace extends ReportPaceStore {
  readonly items: Map<string, ReportPace>;
}

/** An empty store. */
export const createInMemoryReportPace = (): InMemoryReportPace => {
  const items = new Map<string, ReportPace>();
  return {
    items,
    read: async (tenantId, report) => items.get(`${tenantId}#${report}`),
    write: async (tenantId, report, pace) => void items.set(`${tenantId}#${report}`, pace),
  };
};
