import { type Import, type ImportRules, isOpenImport } from '../imports/import.ts';
import { mostTidyings } from '../imports/import-limits.ts';
import { ImportError, type ImportProblem } from '../imports/import-problem.ts';
import {
  askManifestAgain,
  giveBackImport,
  hasGotOn,
  nextAttempt,
  noteProblem,
  putTidyingOff,
  readAgain,
  startAgain,
} from '../imports/import-transitions.ts';
import type { Clock } from '../platform/clock.ts';
import { isRefusal } from '../platform/dependency-error.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';

/** What follows from a step that failed: the import's end, or what it is until the next attempt. */
export type Verdict =
  | { readonly kind: 'end'; readonly problem: ImportProblem }
  | { readonly kind: 'retry'; readonly next: Import };

/** What is needed to decide. */
export interface VerdictDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: Pick<ImportRules, 'maxAttempts' | 'maxRestarts' | 'retryAfter'>;
}

const toImportError = (error: unknown): ImportError => {
  if (error instanceof ImportError) return error;
  if (error instanceof ServiceError) {
    return new ImportError(
      'DEPENDENCY',
      `A service of AWS did not do what it was asked (${error.details.reason ?? error.code}).`,
    );
  }
  return new ImportError('FAULT', 'A fault of the importer; the log has more.');
};

/** What has to be begun anew before the next attempt. */
const restarts = {
  EXPORT_GONE: startAgain,
  FILE_GONE: askManifestAgain,
  FILE_CHANGED: readAgain,
  FILE_MISCOUNTED: readAgain,
} as const;

const isRestart = (code: string): code is keyof typeof restarts => Object.hasOwn(restarts, code);

const settleTidying = ({ clock, logger, rules }: VerdictDependencies, held: Import, problem: ImportError): Verdict => {
  if (held.attempts < mostTidyings && problem.retry === 'later') {
    return { kind: 'retry', next: giveBackImport(held, nextAttempt(held, clock.now(), rules)) };
  }
  const { tenantId: tenant, importId } = held;
  logger.log('IMPORT_NOT_TIDIED', { tenant, importId, errorCode: problem.code, problem: problem.cause });
  return { kind: 'retry', next: putTidyingOff(held, clock.now()) };
};

/**
 * Decides over a step that failed. Pure but for the log. A problem that may pass is tried again, with growing pauses, `maxAttempts` times in
 * a row; something is begun anew `maxRestarts` times in all, not counting links that ran out after something was stored by them; anything
 * else ends the import. What AWS refuses uses no attempts up: only an
 * operator can mend it, and the deadline bounds it.
 */
export const settleFailedStep = (dependencies: VerdictDependencies, held: Import, error: unknown): Verdict => {
  const { clock, logger, rules } = dependencies;
  const problem = toImportError(error);
  if (!isOpenImport(held)) return settleTidying(dependencies, held, problem);
  const { tenantId: tenant, importId, state, attempts: attempt } = held;
  const { code: errorCode, cause } = problem;
  const described = error instanceof ImportError ? {} : describeError(error);
  logger.log('IMPORT_STEP_FAILED', { tenant, importId, state, attempt, errorCode, problem: cause, ...described });
  if (isRefusal(error)) logger.log('DEPENDENCY_REFUSED', { tenant, reason: error.details.reason });
  if (problem.retry === 'never') return { kind: 'end', problem };
  const due = nextAttempt(held, clock.now(), rules, problem.retryAfter);
  const noted = noteProblem(held, problem);
  if (isRestart(problem.code)) {
    const isFree = problem.code === 'FILE_GONE' && hasGotOn(held);
    if (!isFree && held.restarts >= rules.maxRestarts) return { kind: 'end', problem };
    return { kind: 'retry', next: giveBackImport(restarts[problem.code](noted), due) };
  }
  if (isRefusal(error)) return { kind: 'retry', next: { ...giveBackImport(noted, due), attempts: attempt - 1 } };
  if (attempt < rules.maxAttempts) return { kind: 'retry', next: giveBackImport(noted, due) };
  const words = `${attempt} attempts in a row got nowhere; the last problem was ${errorCode}: ${cause}`;
  return { kind: 'end', problem: { code: 'ATTEMPTS_EXHAUSTED', cause: words } };
};
