import type { ImportSource } from '../auth/import-source.ts';
import { compareInstants, parseInstant } from '../episodes/fhir-date-time.ts';
import type { BulkDataClient } from '../imports/bulk-data-client.ts';
import { type DataSetFiles, importPrefix } from '../imports/data-set-files.ts';
import { continueHistory, readHistory } from '../imports/data-set-history.ts';
import type { Import, ImportState } from '../imports/import.ts';
import { type ImportGrip, ImportLost } from '../imports/import-grip.ts';
import type { ImportLimits } from '../imports/import-limits.ts';
import { digestFiles, readPlan, writePlan } from '../imports/import-plan.ts';
import { ImportError } from '../imports/import-problem.ts';
import {
  completeImport,
  giveBackImport,
  noteProgress,
  planFiles,
  startFinishing,
  startPolling,
} from '../imports/import-transitions.ts';
import { readExport } from '../imports/read-export.ts';
import { readFiles } from '../imports/read-files.ts';
import { pollPause } from '../imports/retry-after.ts';
import { readCurrentDataSet, writeStoredManifest } from '../imports/stored-manifest.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { logDone, tidyUp } from './tidy-up.ts';

/** What a step works with. */
export interface StepWork {
  readonly grip: ImportGrip;
  readonly source: ImportSource;
  readonly client: BulkDataClient;
  readonly files: DataSetFiles;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ImportLimits;
  /** Milliseconds for which older data sets stay. */
  readonly grace: number;
  /** Milliseconds since the epoch: a step that can be cut is cut there. */
  readonly stopAt: number;
  readonly signal: AbortSignal;
}

/** Whether the next step can follow at once, or has to wait until it is due. */
type StepOutcome = 'next' | 'wait';

/** The first look at an export, in milliseconds after its order. */
const firstLook = 1_000;

const kickOff = async ({ grip, client, clock, signal }: StepWork): Promise<StepOutcome> => {
  const statusUrl = await client.kickOff(signal);
  try {
    await grip.save((held) => giveBackImport(startPolling(held, statusUrl), clock.now() + firstLook));
  } catch (error) {
    // Nobody will ever know of this export: it is not left to run on the server.
    if (error instanceof ImportLost) await client.remove(statusUrl, signal).catch(() => undefined);
    throw error;
  }
  return 'wait';
};

const poll = async ({ grip, client, files, clock, limits, signal }: StepWork): Promise<StepOutcome> => {
  const { tenantId, importId, statusUrl, lease } = grip.import;
  if (statusUrl === undefined) throw new ImportError('EXPORT_GONE', 'Where the export tells its status is not known.');
  const status = await client.poll(statusUrl, signal);
  if (status.kind === 'working') {
    const due = clock.now() + pollPause(status.wish);
    await grip.save((held) => giveBackImport(noteProgress(held, status.progress), due));
    return 'wait';
  }
  const { plan, transactionTime, warnings } = await readExport({ client, clock }, status.page, limits, signal);
  const name = `${importPrefix(importId)}/plan-${lease?.token.slice(0, 8)}.json`;
  await files.put(tenantId, name, Buffer.from(writePlan(plan)), 'application/json');
  const digest = digestFiles(plan.files);
  await grip.save((held) => planFiles(held, { name, transactionTime, files: plan.files.length, digest, warnings }));
  return 'next';
};

const read = async (work: StepWork): Promise<StepOutcome> => {
  const { grip, files, clock, stopAt, signal } = work;
  const { tenantId, plan: summary } = grip.import;
  const plan = readPlan(summary === undefined ? undefined : await files.get(tenantId, summary.name));
  const isAll = await readFiles(work, { grip, plan, stopAt, signal });
  await grip.save((held) => (isAll ? startFinishing(held) : giveBackImport(held, clock.now())));
  return isAll ? 'next' : 'wait';
};

const requireNotOlder = (held: Import, current: ReturnType<typeof readCurrentDataSet>): void => {
  const made = parseInstant(held.plan?.transactionTime ?? '');
  if (made === undefined || current.cutOff === undefined || compareInstants(made, current.cutOff) >= 0) return;
  const words = `The data set in use was cut off at ${current.transactionTime}, after this export (${held.plan?.transactionTime}).`;
  throw new ImportError('DATA_SET_NEWER', words);
};

/**
 * The manifest comes last: it makes what is stored the data set, and tells what it replaces. Whoever lost the import before the last save
 * can no longer write it; who loses it between that and the manifest has written it, which is recorded when it is tidied up.
 */
const finish = async (work: StepWork): Promise<StepOutcome> => {
  const { grip, files, clock, grace } = work;
  const { tenantId, importId, segments } = grip.import;
  if (segments.every(({ count }) => count === 0))
    throw new ImportError('EXPORT_EMPTY', 'There is no episode in the export.');
  const seen = await files.readManifest(tenantId);
  const current = readCurrentDataSet(seen?.text);
  if (!current.isOf(importId)) {
    requireNotOlder(grip.import, current);
    const extension = continueHistory(readHistory(seen), current.imports, { now: clock.now(), grace });
    const manifest = writeStoredManifest(grip.import, extension);
    // Changes nothing: only whoever still has it goes on to the one write that is not the store's.
    await grip.save((held) => held);
    if (!(await files.publish(tenantId, manifest, seen))) {
      throw new ImportError('DATA_SET_CHANGED', 'Another data set was made current in the same moment.');
    }
  }
  await grip.save((held) => completeImport(held, clock.now()));
  logDone(work);
  return 'next';
};

const tidy = async (work: StepWork): Promise<StepOutcome> => {
  await tidyUp(work);
  return 'wait';
};

/** A state of a later version is not among them; who has one and is past the deadline has ended. */
const steps: Readonly<Partial<Record<ImportState, (work: StepWork) => Promise<StepOutcome>>>> = {
  KICK_OFF: kickOff,
  POLLING: poll,
  FILES: read,
  FINISHING: finish,
};

/**
 * Takes an import as far as it gets now: step after step, until one has to wait or time is up. Each is recorded before the next begins.
 *
 * @throws ImportError, ImportLost, ServiceError, or the signal's reason
 */
export const runSteps = async (work: StepWork): Promise<void> => {
  const { grip, clock, stopAt } = work;
  while ((await (steps[grip.import.state] ?? tidy)(work)) === 'next') {
    if (clock.now() < stopAt) continue;
    return grip.save((held) => giveBackImport(held, clock.now()));
  }
};
