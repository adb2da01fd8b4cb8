import type { DataSetFile } from '../../functions/episodes/data-set.ts';
import { parseInstant } from '../../functions/episodes/fhir-date-time.ts';
import { readLines } from '../../functions/episodes/read-lines.ts';
import { createSeenIds } from '../../functions/episodes/seen-ids.ts';
import { findTimeZone } from '../../functions/episodes/time-zone.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createActiveRuns } from '../../functions/reports/patient-usage-stats/active-runs.ts';
import { createRejectedLines } from '../../functions/reports/patient-usage-stats/rejected-lines.ts';
import { createEpisodeTaker } from '../../functions/reports/patient-usage-stats/take-episodes.ts';
import { mutatedCutOff } from './mutated-file.ts';

/** How lines are taken in. */
export interface TakeOptions {
  readonly timeZone: string;
  readonly tolerated: number;
  /** Whether lines may be scanned, or are all read by `JSON.parse`. */
  readonly scan: boolean;
  readonly lineBytes?: number;
}

const manyLines = 1_000_000;

/** Takes in a file as the statistic does, by the scanner or without it, and tells all that came of it; and how many lines were parsed. */
export const takeLines = async (file: DataSetFile, options: TakeOptions) => {
  const { timeZone, tolerated, scan, lineBytes = manyLines } = options;
  const cutOff = parseInstant(mutatedCutOff);
  if (cutOff === undefined) throw new TypeError('the cut-off is no instant');
  const runs = createActiveRuns({ patients: manyLines, runs: manyLines });
  const rejected = createRejectedLines(tolerated);
  const ids = createSeenIds(manyLines);
  const taker = createEpisodeTaker({ zone: findTimeZone(timeZone), cutOff, runs, ids, rejected });
  taker.begin(file.name);
  const reading = {
    signal: new AbortController().signal,
    lineBytes,
    plainBytes: 1e9,
  };
  const read = await readLines(file, reading, taker.visit, scan ? taker : undefined).catch((error: unknown) => {
    if (error instanceof ServiceError) return { code: error.code, cause: error.details.cause };
    throw error;
  });
  const { patients } = runs;
  const runsOf = Array.from({ length: patients }, (_, patient) => [...runs.runsOf(patient)]);
  const taken = { read, episodes: taker.episodes, patients, runs: runsOf, rejected: rejected.summary() };
  return { taken, parsed: taker.parsed };
};
