import type { Context } from 'aws-lambda';
import type { Logger } from '../platform/logger.ts';
import { auditOpenJobs, type OpenJobAuditDependencies } from './audit-open-jobs.ts';
import { auditRecords, type RecordAuditDependencies } from './audit-records.ts';
import { auditStoredBytes, type StoredAuditDependencies } from './audit-stored-bytes.ts';
import { createFindings } from './findings.ts';

/** How much the auditor looks at. Times in milliseconds. */
export interface AuditRules {
  /** The most records whose bytes are hashed. */
  readonly sampledRecords: number;
  /** The most Binaries that are compared with what is stored for them. */
  readonly sampledBinaries: number;
  /** From an order to the cleaner's first look. */
  readonly orphanAge: number;
  /** How long a Binary is kept. */
  readonly retention: number;
}

/** Everything the auditor needs. */
export type AuditorDependencies = RecordAuditDependencies &
  StoredAuditDependencies &
  OpenJobAuditDependencies & { readonly logger: Logger; readonly rules: AuditRules };

/**
 * The auditor Lambda's entry: any event is a run. It changes nothing. Rejects when table, index or bucket do not answer; what was found
 * until then is told.
 */
export type AuditorHandler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void>;

const hour = 60 * 60_000;

/** The cleaner looks at each order for a day; a day later it has made up for an outage too. */
const cleanedAfter = 48 * hour;

/** Kept back of the function's time, in milliseconds, so that a run ends in good order. */
const reserveMillis = 30_000;

/** One tenant of many does not take up the sample. */
const shareOfTenant = 4;

/** Wires the auditor around its dependencies. */
export const createAuditorHandler =
  (dependencies: AuditorDependencies): AuditorHandler =>
  async (_event, context) => {
    const { clock, logger, rules } = dependencies;
    const begun = clock.now();
    const available = context.getRemainingTimeInMillis() - reserveMillis;
    const findings = createFindings(logger);
    await auditOpenJobs(dependencies, findings);
    // Hashing has half of the time.
    const records = await auditRecords(dependencies, findings, rules.sampledRecords, begun + available / 2);
    const stored = await auditStoredBytes(dependencies, findings, {
      window: { from: begun - rules.retention, to: begun - hour },
      cleanedBefore: begun - rules.orphanAge - cleanedAfter,
      eachTenant: Math.ceil(rules.sampledBinaries / shareOfTenant),
      limit: rules.sampledBinaries,
      stopAt: begun + available,
    });
    logger.log('AUDIT_COMPLETED', {
      ...records.audit,
      ...stored.audit,
      findings: findings.count(),
      isCutShort: records.isCutShort || stored.isCutShort,
      milliseconds: clock.now() - begun,
    });
  };
