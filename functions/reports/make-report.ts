import type { Clock } from '../platform/clock.ts';
import { createReportArchive } from './report-archive.ts';
import type { ReportDefinition, ReportRun } from './report-definition.ts';

/** A finished report. */
export interface MadeReport {
  /** The ZIP. */
  readonly bytes: Uint8Array;
  /** Source records read. */
  readonly episodes: number;
}

/**
 * Makes a report of one tenant and packs it. Its time is that at which it was begun.
 *
 * @throws ServiceError `DATA_SET_*` with a cause for the client, `GENERAL_DEPENDENCY_UNAVAILABLE`; the signal's reason when it is aborted
 */
export const makeReport = async (definition: ReportDefinition, run: ReportRun, clock: Clock): Promise<MadeReport> => {
  const reportTime = clock.now();
  const { entries, provenance, episodes } = await definition.generate(run);
  run.signal.throwIfAborted();
  const { parameters } = run;
  return {
    bytes: createReportArchive({ reportName: definition.name, reportTime, parameters, provenance, entries }),
    episodes,
  };
};
