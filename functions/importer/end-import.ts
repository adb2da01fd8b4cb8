import type { DataSetFiles } from '../imports/data-set-files.ts';
import { type Import, type ImportRules, isOfLaterVersion, isOpenImport } from '../imports/import.ts';
import type { ImportGrip } from '../imports/import-grip.ts';
import { gripImport, ImportLost } from '../imports/import-grip.ts';
import { mostTidyings } from '../imports/import-limits.ts';
import type { ImportProblem } from '../imports/import-problem.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { deadlineProblem, failImport, isOverdue, putTidyingOff } from '../imports/import-transitions.ts';
import { readCurrentDataSet } from '../imports/stored-manifest.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

/** What ending an import needs. */
export interface EndDependencies {
  readonly imports: ImportStore;
  readonly files: Pick<DataSetFiles, 'readManifest'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: Pick<ImportRules, 'maxAttempts'>;
}

/** What the operator is told of the data set that stays in use. Not knowing it keeps no import from ending. */
const cutOffInUse = async ({ files }: EndDependencies, { tenantId }: Import): Promise<string> => {
  try {
    return readCurrentDataSet((await files.readManifest(tenantId))?.text).transactionTime ?? 'none';
  } catch {
    return 'unknown';
  }
};

/**
 * Ends an import that has failed. The data set in use stays what it was, and the event says which that is.
 *
 * @throws ImportLost; ServiceError of the store
 */
export const endImport = async (
  dependencies: EndDependencies,
  grip: ImportGrip,
  problem: ImportProblem,
): Promise<void> => {
  const { clock, logger } = dependencies;
  const { tenantId: tenant, importId, state } = grip.import;
  await grip.save((held) => failImport(held, problem, clock.now()));
  const dataCutOff = await cutOffInUse(dependencies, grip.import);
  const { code: errorCode, cause } = problem;
  logger.log('IMPORT_FAILED', { tenant, importId, state, errorCode, problem: cause, dataCutOff });
};

/** Whether somebody is at its last attempt: an index that is behind shows as due what was just taken. */
const isHeld = ({ lease }: Import, now: number): boolean => lease !== undefined && lease.until > now;

/** Why an import is over although nobody ended it: its time, or attempts that broke off one after another without a word. */
const findEnd = (seen: Import, now: number, { maxAttempts }: EndDependencies['rules']): ImportProblem | undefined => {
  if (isOverdue(seen, now)) return deadlineProblem(seen);
  if (!isOpenImport(seen) || seen.attempts < maxAttempts || isHeld(seen, now)) return undefined;
  const last =
    seen.problem === undefined ? 'none said why' : `the last problem was ${seen.problem.code}: ${seen.problem.cause}`;
  return { code: 'ATTEMPTS_EXHAUSTED', cause: `${seen.attempts} attempts in a row got nowhere; ${last}` };
};

/** Whether tidying up was tried often enough, each time without a word. Were it tried for ever, no other import could begin. */
const isTidyingOver = (seen: Import, now: number): boolean =>
  !isOpenImport(seen) && seen.due !== undefined && seen.attempts >= mostTidyings && !isHeld(seen, now);

const leaveUntidy = async ({ imports, clock, logger }: EndDependencies, seen: Import): Promise<void> => {
  await gripImport(imports, seen).save((held) => putTidyingOff(held, clock.now()));
  const { tenantId: tenant, importId, attempts } = seen;
  const problem = `${attempts} attempts in a row got nowhere; none said why`;
  logger.log('IMPORT_NOT_TIDIED', { tenant, importId, errorCode: 'ATTEMPTS_EXHAUSTED', problem });
};

/**
 * Whether a version that knows its state is to look after it: until its deadline. Then it ends all the same, or is tidied up after: a version
 * that never comes back would keep the tenant from importing for good.
 */
export const isLeftAlone = (seen: Import, now: number): boolean => isOfLaterVersion(seen) && now < seen.deadline;

/**
 * Ends an import that is past its deadline, whoever has it, or whose attempts are used up, once nobody works on the last; and so the
 * tidying up after one.
 *
 * @returns whether there is nothing more to do
 * @throws ServiceError of the store
 */
export const endIfOver = async (dependencies: EndDependencies, seen: Import): Promise<boolean> => {
  const now = dependencies.clock.now();
  if (isLeftAlone(seen, now)) return false;
  const problem = findEnd(seen, now, dependencies.rules);
  if (problem === undefined && !isTidyingOver(seen, now)) return false;
  try {
    if (problem === undefined) await leaveUntidy(dependencies, seen);
    else await endImport(dependencies, gripImport(dependencies.imports, seen), problem);
  } catch (error) {
    if (!(error instanceof ImportLost)) throw error;
  }
  return true;
};
