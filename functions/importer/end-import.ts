import type { DataSetFiles } from '../imports/data-set-files.ts';
import { type Import, type ImportRules, isOpenImport } from '../imports/import.ts';
import type { ImportGrip } from '../imports/import-grip.ts';
import { gripImport, ImportLost } from '../imports/import-grip.ts';
import type { ImportProblem } from '../imports/import-problem.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { deadlineProblem, failImport, isOverdue } from '../imports/import-transitions.ts';
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

/** Why an import is over although nobody ended it: its time, or attempts that broke off one after another without a word. */
const findEnd = (seen: Import, now: number, { maxAttempts }: EndDependencies['rules']): ImportProblem | undefined => {
  if (isOverdue(seen, now)) return deadlineProblem(seen);
  const isInHand = seen.lease !== undefined && seen.lease.until > now;
  if (!isOpenImport(seen) || isInHand || seen.attempts < maxAttempts) return undefined;
  const last =
    seen.problem === undefined ? 'none said why' : `the last problem was ${seen.problem.code}: ${seen.problem.cause}`;
  return { code: 'ATTEMPTS_EXHAUSTED', cause: `${seen.attempts} attempts in a row got nowhere; ${last}` };
};

/**
 * Ends an import that is past its deadline, whoever has it, or whose attempts are used up, once nobody works on the last.
 *
 * @returns whether it is over
 * @throws ServiceError of the store
 */
export const endIfOver = async (dependencies: EndDependencies, seen: Import): Promise<boolean> => {
  const problem = findEnd(seen, dependencies.clock.now(), dependencies.rules);
  if (problem === undefined) return false;
  try {
    await endImport(dependencies, gripImport(dependencies.imports, seen), problem);
  } catch (error) {
    if (!(error instanceof ImportLost)) throw error;
  }
  return true;
};
