import type { TenantRegistry } from '../auth/tenant-registry.ts';
import { createBulkDataClient } from '../imports/bulk-data-client.ts';
import type { DataSetFiles } from '../imports/data-set-files.ts';
import type { OpenExchange } from '../imports/https-exchange.ts';
import { type Import, type ImportRules, isOpenImport } from '../imports/import.ts';
import { gripImport, type ImportGrip, ImportLost } from '../imports/import-grip.ts';
import type { ImportLimits } from '../imports/import-limits.ts';
import type { ImportMessage } from '../imports/import-message.ts';
import { ImportError } from '../imports/import-problem.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { claimImport, isClaimable } from '../imports/import-transitions.ts';
import type { SecretStore } from '../imports/secret-store.ts';
import { createTokenSource } from '../imports/sign-in.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import type { Timers } from '../platform/timers.ts';
import { endIfOver, endImport, isLeftAlone } from './end-import.ts';
import { runSteps } from './import-steps.ts';
import { settleFailedStep } from './settle-failed-step.ts';
import { tidyUpAlone } from './tidy-up.ts';

/** What working on an import needs. */
export interface ImportDependencies {
  readonly tenants: TenantRegistry;
  readonly imports: ImportStore;
  readonly files: DataSetFiles;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timers: Timers;
  readonly logger: Logger;
  /** The way to tenants' servers, and all that guards it. */
  readonly openExchange: OpenExchange;
  readonly limits: ImportLimits;
  readonly rules: Pick<ImportRules, 'maxAttempts' | 'maxRestarts' | 'retryAfter'>;
  /** Milliseconds for which older data sets stay. */
  readonly grace: number;
}

/** Kept back of the function's time, in milliseconds: for storing what was read, and to give the import back in good order. */
const reserveMillis = 45_000;
/** What is under way then is broken off, in milliseconds before the function's end. */
const lastMillis = 10_000;
/** So long after the function's end nobody takes the import over, in milliseconds: clocks differ. */
const leaseMargin = 5_000;

const work = async (dependencies: ImportDependencies, grip: ImportGrip, remaining: number): Promise<void> => {
  const { tenants, secrets, clock, ids, timers, openExchange } = dependencies;
  const { tenantId } = grip.import;
  const tenant = await tenants.byId(tenantId);
  const source = tenant?.enabled === true && tenant.elsewhere !== true ? tenant.import : undefined;
  if (source === undefined) {
    if (!isOpenImport(grip.import)) return tidyUpAlone({ ...dependencies, grip });
    throw new ImportError(
      'TENANT_NOT_IMPORTING',
      "The tenant is disabled or served by another region, or its record has no 'import'.",
    );
  }
  const exchange = openExchange(source);
  const tokens = createTokenSource(tenantId, source, { exchange, secrets, clock, ids });
  const client = createBulkDataClient(source, { exchange, tokens, clock });
  const controller = new AbortController();
  const timeUp = new ImportError('EXPORT_UNAVAILABLE', 'The server took longer than a step may take.');
  const stop = timers.after(Math.max(remaining - lastMillis, 0), () => controller.abort(timeUp));
  const stopAt = clock.now() + Math.max(remaining - reserveMillis, 0);
  try {
    await runSteps({ ...dependencies, grip, source, client, stopAt, signal: controller.signal });
  } finally {
    stop();
    exchange.close();
  }
};

const logWaiting = ({ clock, logger }: ImportDependencies, held: Import, begun: number): void => {
  if (!isOpenImport(held)) return;
  logger.log('IMPORT_WAITS', {
    tenant: held.tenantId,
    importId: held.importId,
    state: held.state,
    waitSeconds: Math.max(Math.round(((held.due ?? 0) - clock.now()) / 1000), 0),
    files: held.plan?.files,
    filesRead: held.cursor?.file,
    episodes: held.segments.reduce((sum, { count }) => sum + count, 0),
    milliseconds: clock.now() - begun,
  });
};

/**
 * Works on the import that a message names, if it needs work now: takes it, goes as far as it gets, and gives it back. However often a
 * message comes, one importer at a time works on it, and nothing is stored twice. It is held for as long as the function may run, so no
 * step has to think of it; an importer that died keeps it until then.
 *
 * @param remaining how long the function may still run, in milliseconds
 */
export const processImport = async (
  dependencies: ImportDependencies,
  { tenantId, importId }: ImportMessage,
  remaining: number,
): Promise<void> => {
  const { imports, clock, ids, logger } = dependencies;
  const begun = clock.now();
  const seen = await imports.read(tenantId);
  if (seen?.importId !== importId || !isClaimable(seen, begun) || isLeftAlone(seen, begun)) {
    logger.log('IMPORT_NOT_CLAIMED', { tenant: tenantId, importId, state: seen?.state ?? 'unknown' });
    return;
  }
  if (await endIfOver(dependencies, seen)) return;
  const lease = { token: ids.uuid(), until: begun + remaining + leaseMargin };
  const claimed = await imports.replace(tenantId, seen, claimImport(seen, lease));
  if (claimed.outcome === 'conflict') {
    logger.log('IMPORT_NOT_CLAIMED', { tenant: tenantId, importId, state: claimed.import?.state ?? 'unknown' });
    return;
  }
  const grip = gripImport(imports, claimed.import);
  const { state, attempts } = grip.import;
  logger.log('IMPORT_CLAIMED', { tenant: tenantId, importId, state, attempt: attempts });
  try {
    try {
      await work(dependencies, grip, remaining);
    } catch (error) {
      if (error instanceof ImportLost) throw error;
      const verdict = settleFailedStep(dependencies, grip.import, error);
      if (verdict.kind === 'end') await endImport(dependencies, grip, verdict.problem);
      else await grip.save(() => verdict.next);
    }
    logWaiting(dependencies, grip.import, begun);
  } catch (error) {
    const ids = { tenant: tenantId, importId };
    if (error instanceof ImportLost) logger.log('IMPORT_LOST', ids);
    else logger.log('IMPORT_OUTCOME_UNKNOWN', { ...ids, ...describeError(error) });
  }
};
