import type { Cursor, Import, ImportLease, ImportRules, PlanSummary, Segment } from './import.ts';
import { isOpenImport } from './import.ts';
import { longestRun, longestUntidy } from './import-limits.ts';
import type { ImportProblem } from './import-problem.ts';

// Each gives the import as it is to be. Whether it becomes so decides the store: only if it is still as it was seen.

/** The longest pause between two attempts, in milliseconds. */
const longestPause = 10 * 60_000;

/** Whether it can be taken: there is something to do, its time has come, and nobody works on it. */
export const isClaimable = ({ due, lease }: Import, now: number): boolean =>
  due !== undefined && due <= now && (lease === undefined || lease.until <= now);

/** When it is looked at next: at its deadline at the latest, since somebody has to be there to end it. */
const dueAt = (held: Import, due: number): number => (isOpenImport(held) ? Math.min(due, held.deadline) : due);

/** Takes it: one attempt more, and nobody looks before the lease has run out, or the deadline has come. */
export const claimImport = (seen: Import, lease: ImportLease): Import => ({
  ...seen,
  lease,
  due: dueAt(seen, lease.until),
  attempts: seen.attempts + 1,
});

/** It got on: what went wrong before is forgotten. */
const gotOn = ({ problem: _problem, ...held }: Import): Import => ({ ...held, attempts: 0 });

/** Ends the lease; the next step is due then. */
export const giveBackImport = ({ lease: _lease, ...held }: Import, due: number): Import => ({
  ...held,
  due: dueAt(held, due),
});

/** The server has taken the order for the export. */
export const startPolling = (held: Import, statusUrl: string): Import => ({
  ...gotOn(held),
  state: 'POLLING',
  statusUrl,
});

/** The server is still at it. */
export const noteProgress = (held: Import, progress: string | undefined): Import => {
  const { progress: _before, ...rest } = gotOn(held);
  return progress === undefined ? rest : { ...rest, progress };
};

/** No file read yet. */
export const firstCursor: Cursor = { file: 0, offset: 0, lines: 0, stretches: [] };

/** Whether something was stored by the links that the manifest gave. */
export const hasGotOn = ({ plan, segments }: Import): boolean =>
  plan !== undefined && segments.length > (plan.storedBefore ?? 0);

/**
 * The export is complete. Where its manifest was asked for once more only to have new links, and has the same files in the same order, the
 * reading goes on where it was; else it begins, and what was stored before is nobody's.
 */
export const planFiles = (held: Import, plan: PlanSummary): Import => {
  const { progress: _progress, ...rest } = gotOn(held);
  const isSame =
    held.plan !== undefined &&
    held.cursor !== undefined &&
    held.plan.transactionTime === plan.transactionTime &&
    held.plan.digest !== undefined &&
    held.plan.digest === plan.digest;
  if (isSame) return { ...rest, state: 'FILES', plan: { ...plan, storedBefore: held.segments.length } };
  // What had been got on with is lost, so that it counts now.
  const restarts = held.restarts + (hasGotOn(held) ? 1 : 0);
  return { ...rest, state: 'FILES', plan, cursor: firstCursor, segments: [], restarts };
};

/** A stretch of the files is stored. */
export const addSegment = (held: Import, segment: Segment, cursor: Cursor): Import => ({
  ...gotOn(held),
  segments: [...held.segments, segment],
  cursor,
});

/** The reading has come further without a line to store: a file without lines, or its end. */
export const moveCursor = (held: Import, cursor: Cursor): Import => ({ ...gotOn(held), cursor });

/** All files are stored. */
export const startFinishing = (held: Import): Import => ({ ...gotOn(held), state: 'FINISHING' });

/** Links have run out: the manifest is to be asked for once more. Links that are too short for the whole reading may run out any number of times. */
export const askManifestAgain = (held: Import): Import => ({
  ...held,
  state: 'POLLING',
  restarts: held.restarts + (hasGotOn(held) ? 0 : 1),
});

/** The export is gone: another is to be ordered, and nothing of this one is used. */
export const startAgain = (held: Import): Import => {
  const { statusUrl: _statusUrl, plan: _plan, cursor: _cursor, progress: _progress, ...rest } = held;
  return { ...rest, state: 'KICK_OFF', segments: [], restarts: held.restarts + 1 };
};

/** What is stored of the files is not to be used: they are read from the first on. */
export const readAgain = (held: Import): Import => ({
  ...held,
  ...(held.plan === undefined ? {} : { plan: { ...held.plan, storedBefore: 0 } }),
  state: 'FILES',
  cursor: firstCursor,
  segments: [],
  restarts: held.restarts + 1,
});

/** When an attempt that failed is followed by the next: `retryAfter` doubled each time, or when the server wishes, if that is later. */
export const nextAttempt = (
  { attempts }: Import,
  now: number,
  { retryAfter }: Pick<ImportRules, 'retryAfter'>,
  wish = 0,
): number => now + Math.min(Math.max(retryAfter * 2 ** Math.max(attempts - 1, 0), wish), longestPause);

/** Notes what kept it from getting on. */
export const noteProblem = (held: Import, { code, cause }: ImportProblem): Import => ({
  ...held,
  problem: { code, cause },
});

/** The end: no lease any more, and once more due, to tidy up. */
const end = (held: Import, now: number): Import => {
  const { problem: _problem, lease: _lease, ...rest } = held;
  return { ...rest, due: now, ended: now, attempts: 0 };
};

/** The data set is current. Who has it keeps it, to tidy up at once. */
export const completeImport = (held: Import, now: number): Import => ({
  ...end(held, now),
  ...(held.lease === undefined ? {} : { lease: held.lease, due: held.lease.until }),
  state: 'DONE',
});

/** It had ended otherwise, but turns out to be current: its manifest was written in the same moment. */
export const recordCurrent = ({ failure: _failure, ...held }: Import): Import => ({ ...held, state: 'DONE' });

/** It fails for good. The data set in use stays what it was. */
export const failImport = (seen: Import, { code, cause }: ImportProblem, now: number): Import => ({
  ...end(seen, now),
  state: 'FAILED',
  failure: { code, cause },
});

/** An operator calls it off. */
export const cancelImport = (seen: Import, now: number): Import => ({ ...end(seen, now), state: 'CANCELLED' });

/**
 * Nothing is left that has to be tidied up at once.
 *
 * @param due when it is looked whether something that is stored is to be removed, at most {@link longestUntidy} from now; undefined where
 *   nothing ever is
 */
export const markTidy = (held: Import, due?: number): Import => {
  const { lease: _lease, due: _due, statusUrl: _statusUrl, ...rest } = held;
  return { ...rest, tidied: true, attempts: 0, ...(due === undefined ? {} : { due }) };
};

/**
 * Tidying up was tried often enough for now: another import may begin. What is left in the bucket is not left there for good: it is looked
 * at in a quarter of an hour, and then every hour.
 */
export const putTidyingOff = (held: Import, now: number): Import =>
  markTidy(held, now + (held.tidied === true ? longestUntidy : longestRun));

/** Whether its time is over. */
export const isOverdue = (seen: Import, now: number): boolean => isOpenImport(seen) && seen.deadline <= now;

/** Why an import ends whose time is over. */
export const deadlineProblem = ({ state, problem }: Import): ImportProblem => ({
  code: 'DEADLINE_PASSED',
  cause: `The import did not end before its deadline; it was at ${state}${problem === undefined ? '' : `, where the last problem was ${problem.code}: ${problem.cause}`}`,
});
