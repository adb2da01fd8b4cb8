import { describeError, type Logger } from '../platform/logger.ts';
import type { Timers } from '../platform/timers.ts';
import { fingerprintRun } from './fingerprint-run.ts';
import type { GeneratedReport, ReportDefinition, ReportRun } from './report-definition.ts';
import type { KeptSummary, SummaryKey, SummaryStore } from './summary-store.ts';

/** What not computing twice needs. */
export interface SummaryDependencies {
  readonly summaries: SummaryStore;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Where a report's numbers come from: `computed` from the data, or `kept` from an earlier report of the same data. */
export type SummaryOrigin = 'computed' | 'kept';

/** How long a report waits for its summary to be read, and again to be kept, in milliseconds. It can do without. */
const patience = 2000;

/** The store took too long. */
class OutOfPatience extends Error {
  override readonly name = 'OutOfPatience';
}

/** Has the store do something, for as long as there is patience and the run is waited for. */
const withPatience = async <Result>(
  { timers }: SummaryDependencies,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  signal.throwIfAborted();
  const impatience = new AbortController();
  const given = AbortSignal.any([signal, impatience.signal]);
  const stopped = new Promise<never>((_resolve, reject) => {
    given.addEventListener('abort', () => reject(given.reason), { once: true });
  });
  const stop = timers.after(patience, () => impatience.abort(new OutOfPatience()));
  try {
    return await Promise.race([ask(given), stopped]);
  } finally {
    stop();
  }
};

const describeFault = (tenant: string, { fingerprint }: SummaryKey, error: unknown) => {
  const { errorName, reason } = describeError(error);
  return { tenant, fingerprint, errorName, reason };
};

/** The summary, if the store gives it. That it does not is told, and is no fault of the report. */
const lookUp = async (
  dependencies: SummaryDependencies,
  { tenant, signal }: ReportRun,
  key: SummaryKey,
): Promise<KeptSummary | 'unknown'> => {
  const { summaries, logger } = dependencies;
  try {
    const found = await withPatience(dependencies, signal, (given) => summaries.read(tenant.id, key, given));
    if (found === 'damaged') logger.log('SUMMARY_DAMAGED', { tenant: tenant.id, fingerprint: key.fingerprint });
    return found;
  } catch (error) {
    signal.throwIfAborted();
    logger.log('SUMMARY_NOT_READ', describeFault(tenant.id, key, error));
    return 'unknown';
  }
};

/** Keeps the summary for later reports. That it cannot is told, and is no fault of this one. */
const keep = async (
  dependencies: SummaryDependencies,
  { tenant, signal }: ReportRun,
  key: SummaryKey,
  generated: GeneratedReport,
): Promise<void> => {
  const { summaries, logger } = dependencies;
  try {
    await withPatience(dependencies, signal, (given) => summaries.keep(tenant.id, key, generated, given));
  } catch (error) {
    signal.throwIfAborted();
    logger.log('SUMMARY_NOT_KEPT', describeFault(tenant.id, key, error));
  }
};

/**
 * What a report gives of an opened data set: read, where it was computed before of the same state of everything that it depends on; else
 * computed, and kept. Whether the summary is found makes no difference to what comes back. A store of summaries that fails costs at most
 * 4 s and one event each for reading and keeping (`SUMMARY_NOT_READ`, `SUMMARY_NOT_KEPT`), never the report; nor does what lies there
 * damaged (`SUMMARY_DAMAGED`).
 *
 * @throws what the definition's `generate` throws; the signal's reason when it is aborted
 */
export const generateOnce = async (
  definition: ReportDefinition,
  run: ReportRun,
  dependencies: SummaryDependencies,
): Promise<{ readonly generated: GeneratedReport; readonly origin: SummaryOrigin }> => {
  const key = { report: definition.name, fingerprint: fingerprintRun(definition, run) };
  const found = await lookUp(dependencies, run, key);
  if (typeof found === 'object') return { generated: found, origin: 'kept' };
  const generated = await definition.generate(run);
  run.signal.throwIfAborted();
  // What was found damaged keeps its key until an operator removes it: nothing is written over.
  if (found !== 'damaged') await keep(dependencies, run, key, generated);
  return { generated, origin: 'computed' };
};
