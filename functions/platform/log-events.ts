/** How urgent an event is. `error` events are what alarms count. */
export type LogLevel = 'info' | 'warn' | 'error';

interface LogEventDefinition {
  readonly level: LogLevel;
  /** What happened, for a person. */
  readonly message: string;
  /** The only fields that are written; anything else given is dropped by the type checker. */
  readonly fields: readonly string[];
}

/**
 * Every event that the service logs, by its code. Fields are opaque ids, numbers and fixed words:
 * no token, no claim's value, no patient reference, no payload (invariant I9).
 */
export const logEvents = {
  REQUEST_COMPLETED: {
    level: 'info',
    message: 'A request was answered',
    fields: ['requestId', 'tenant', 'route', 'method', 'status', 'errorCode', 'reason', 'milliseconds'],
  },
  WARM_UP_INCOMPLETE: {
    level: 'warn',
    message: "A container could not do all of the first request's work at init; its first requests take longer",
    fields: ['missing', 'milliseconds'],
  },
  REQUEST_FAILED: {
    level: 'error',
    message: 'A request ended in a fault of the service',
    fields: ['requestId', 'tenant', 'route', 'method', 'status', 'errorCode', 'reason', 'errorName', 'frame'],
  },
  ORDER_PLACED: {
    level: 'info',
    message: 'A report was ordered',
    fields: ['requestId', 'tenant', 'binaryId', 'jobId', 'mode'],
  },
  ORDER_REPEATED: {
    level: 'info',
    message: 'An order with the Idempotency-Key of an earlier one got the report of that one',
    fields: ['requestId', 'tenant', 'binaryId', 'jobId', 'mode'],
  },
  REPORT_FETCHED: {
    level: 'info',
    message: 'A report was made within its call',
    fields: ['requestId', 'tenant', 'milliseconds', 'bytes', 'episodes', 'summary'],
  },
  SUMMARY_NOT_READ: {
    level: 'warn',
    message: 'Whether the numbers of a report are known already could not be found out; they are computed',
    fields: ['tenant', 'fingerprint', 'reason', 'errorName'],
  },
  SUMMARY_DAMAGED: {
    level: 'error',
    message:
      'What lies where the numbers of a report were kept is not what was kept; it is not used, they are computed',
    fields: ['tenant', 'fingerprint'],
  },
  SUMMARY_NOT_KEPT: {
    level: 'warn',
    message: 'The numbers of a report could not be kept; the next report computes them again',
    fields: ['tenant', 'fingerprint', 'reason', 'errorName'],
  },
  ENQUEUE_FAILED: {
    level: 'error',
    message: 'An accepted job could not be queued; the dispatcher will find it',
    fields: ['requestId', 'tenant', 'binaryId', 'jobId', 'errorName', 'reason'],
  },
  AUDIT_NOT_WRITTEN: {
    level: 'error',
    message: 'A request was answered, but its audit event could not be kept',
    fields: ['requestId', 'tenant', 'route', 'status', 'errorCode', 'reason', 'errorName'],
  },
  PACE_NOT_READ: {
    level: 'warn',
    message: 'How long reports take could not be read; Retry-After is guessed from the age of the job',
    fields: ['tenant', 'reason', 'errorName'],
  },
  PACE_NOT_WRITTEN: {
    level: 'warn',
    message: 'How long a report took could not be noted for later estimates',
    fields: ['tenant', 'binaryId', 'jobId', 'reason', 'errorName'],
  },
  CONTENT_CORRUPT: {
    level: 'error',
    message: 'Stored bytes do not match their record',
    fields: ['requestId', 'tenant', 'binaryId', 'versionId'],
  },
  TENANT_CONFIG_INVALID: {
    level: 'error',
    message: 'A tenant in the registry cannot be used',
    fields: ['tenant', 'problems'],
  },
  TENANT_REGISTRY_STALE: {
    level: 'error',
    message: 'The tenant registry could not be read again; the last one read stays in use',
    fields: ['errorName', 'ageSeconds'],
  },
  TENANT_REGISTRY_UNAVAILABLE: {
    level: 'error',
    message: 'The tenant registry could not be read, and there is no earlier reading to use',
    fields: ['errorName'],
  },
  ISSUER_UNAVAILABLE: {
    level: 'error',
    message: "A tenant's issuer did not give a usable key set",
    fields: ['tenant', 'reason', 'milliseconds', 'servedStale', 'ageSeconds'],
  },
  ISSUER_KEY_REJECTED: {
    level: 'warn',
    message: "A key in a tenant's key set is unusable and was left out",
    fields: ['tenant', 'reason'],
  },
  TOKEN_AHEAD_OF_CLOCK: {
    level: 'warn',
    message: "Tokens that are authentic begin a little later than now: the issuer's clock or this container's is wrong",
    fields: ['tenant', 'secondsAhead', 'refusals'],
  },
  JOB_CLAIMED: { level: 'info', message: 'A worker took a job', fields: ['tenant', 'binaryId', 'jobId', 'attempt'] },
  JOB_NOT_CLAIMED: {
    level: 'info',
    message: 'A message named a job that needs no work now',
    fields: ['tenant', 'binaryId', 'status'],
  },
  JOB_DONE: {
    level: 'info',
    message: 'A report is finished',
    fields: [
      'tenant',
      'binaryId',
      'jobId',
      'attempt',
      'milliseconds',
      'bytes',
      'episodes',
      'summary',
      'gigabyteSeconds',
    ],
  },
  JOB_FAILED: {
    level: 'error',
    message: 'A report failed for good',
    fields: ['tenant', 'binaryId', 'jobId', 'attempt', 'errorCode', 'reason', 'gigabyteSeconds'],
  },
  DEPENDENCY_REFUSED: {
    level: 'error',
    message: 'A dependency refuses what the service asks of it; only an operator can mend that',
    fields: ['tenant', 'binaryId', 'jobId', 'attempt', 'messageId', 'reason'],
  },
  JOB_ATTEMPT_FAILED: {
    level: 'warn',
    message: 'An attempt at a report failed; it will be tried again',
    fields: ['tenant', 'binaryId', 'jobId', 'attempt', 'errorCode', 'errorName', 'reason', 'frame'],
  },
  JOB_LEASE_LOST: {
    level: 'warn',
    message: 'A worker lost its lease and stopped',
    fields: ['tenant', 'binaryId', 'jobId', 'attempt'],
  },
  JOB_OUTCOME_UNKNOWN: {
    level: 'error',
    message: 'A write may or may not have been applied; the job is left to its lease',
    fields: ['tenant', 'binaryId', 'jobId', 'attempt', 'errorName', 'reason', 'frame'],
  },
  MESSAGE_UNUSABLE: { level: 'error', message: 'A queue message cannot be used', fields: ['messageId', 'reason'] },
  MESSAGE_NOT_PROCESSED: {
    level: 'error',
    message: 'The job of a queue message could not be looked at; the queue will deliver it again',
    fields: ['messageId', 'tenant', 'binaryId', 'errorName', 'reason', 'frame'],
  },
  JOB_REQUEUED: {
    level: 'warn',
    message: 'A job was found waiting and was queued again',
    fields: ['tenant', 'binaryId', 'jobId', 'attempt', 'redrives'],
  },
  JOB_RELEASED: {
    level: 'info',
    message: 'A scheduled job was released and queued',
    fields: ['tenant', 'binaryId', 'jobId', 'lateSeconds', 'import'],
  },
  IMPORT_NOT_READ: {
    level: 'warn',
    message: "Whether a tenant's import is under way could not be found out; its scheduled reports do not wait for it",
    fields: ['tenant', 'errorName', 'reason'],
  },
  JOB_ITEM_UNREADABLE: {
    level: 'error',
    message: 'An item in the jobs table cannot be read; it is passed over until somebody mends it',
    fields: ['key', 'errorName', 'frame'],
  },
  JOB_NOT_SETTLED: {
    level: 'error',
    message: 'An open job that was due could not be dealt with; the next tick will try again',
    fields: ['tenant', 'binaryId', 'jobId', 'errorName', 'reason', 'frame'],
  },
  DEAD_LETTERS_WAITING: {
    level: 'error',
    message: 'Messages that were delivered too often wait for an operator',
    fields: ['count'],
  },
  DEAD_LETTERS_NOT_COUNTED: {
    level: 'warn',
    message: 'The dead-letter queue did not say how many messages there are',
    fields: ['errorName', 'reason'],
  },
  BACKLOG_NOT_MEASURED: {
    level: 'warn',
    message: 'The index of open jobs did not say how old the oldest is',
    fields: ['errorName', 'reason'],
  },
  TICK_COMPLETED: {
    level: 'info',
    message: 'The dispatcher looked through the open jobs',
    fields: [
      'due',
      'released',
      'postponed',
      'requeued',
      'unsent',
      'ended',
      'swept',
      'skipped',
      'failed',
      'deadLetters',
      'oldestSeconds',
      'scheduledSecondsLeft',
      'milliseconds',
    ],
  },
  ORPHANS_REMOVED: {
    level: 'info',
    message: 'Stored bytes that no record names were removed',
    fields: ['tenant', 'binaryId', 'objects'],
  },
  ORPHANS_DOUBTED: {
    level: 'error',
    message: 'Reports are stored whose records are missing; the cleaner has left them alone',
    fields: ['binaries', 'unrecorded', 'lost'],
  },
  CLEANING_CUT_SHORT: {
    level: 'warn',
    message: 'The cleaner did not get through all that it was to look at; the next run begins with another tenant',
    fields: ['binaries'],
  },
  CLEANING_COMPLETED: {
    level: 'info',
    message: 'The cleaner looked through what is stored',
    fields: ['binaries', 'unnamed', 'unrecorded', 'lost', 'open', 'unreadable', 'milliseconds'],
  },
  IMPORT_BEGUN: { level: 'info', message: 'An import of a data set was begun', fields: ['tenant', 'importId'] },
  IMPORT_NOT_BEGUN: {
    level: 'error',
    message: "A night's imports could not be begun; the next tick will try again",
    fields: ['tenant', 'errorName', 'reason', 'frame'],
  },
  DATA_SET_DATED: {
    level: 'info',
    message: 'How old the data set in use is',
    fields: ['tenant', 'dataCutOff', 'ageSeconds'],
  },
  DATA_SET_AHEAD: {
    level: 'error',
    message: 'The data set in use has a cut-off that is to come: no import is made current until then',
    fields: ['tenant', 'dataCutOff'],
  },
  DATA_SET_NEVER_FETCHED: {
    level: 'warn',
    message: 'There is no data set in use, and no import under way',
    fields: ['tenant', 'importId', 'state', 'errorCode'],
  },
  DATA_SET_NOT_DATED: {
    level: 'warn',
    message: 'How old the data set in use is could not be found out',
    fields: ['tenant', 'errorName', 'reason'],
  },
  IMPORT_CLAIMED: {
    level: 'info',
    message: 'An importer took up an import',
    fields: ['tenant', 'importId', 'state', 'attempt'],
  },
  IMPORT_NOT_CLAIMED: {
    level: 'info',
    message: 'A message named an import that needs no work now',
    fields: ['tenant', 'importId', 'state'],
  },
  IMPORT_WAITS: {
    level: 'info',
    message: 'A step of an import is done; the next is due later',
    fields: ['tenant', 'importId', 'state', 'waitSeconds', 'files', 'filesRead', 'episodes', 'milliseconds'],
  },
  IMPORT_DONE: {
    level: 'info',
    message: 'An imported data set is in use',
    fields: ['tenant', 'importId', 'files', 'episodes', 'bytes', 'warnings', 'restarts', 'dataCutOff', 'milliseconds'],
  },
  IMPORT_FAILED: {
    level: 'error',
    message: 'An import failed for good; the data set in use stays what it was',
    fields: ['tenant', 'importId', 'state', 'errorCode', 'problem', 'dataCutOff'],
  },
  IMPORT_STEP_FAILED: {
    level: 'warn',
    message: 'A step of an import failed; it will be tried again',
    fields: ['tenant', 'importId', 'state', 'attempt', 'errorCode', 'problem', 'errorName', 'reason', 'frame'],
  },
  IMPORT_LOST: {
    level: 'warn',
    message: 'An importer found its import ended, or in other hands, and stopped',
    fields: ['tenant', 'importId'],
  },
  IMPORT_OUTCOME_UNKNOWN: {
    level: 'error',
    message: 'A write may or may not have been applied; the import is left to its lease',
    fields: ['tenant', 'importId', 'errorName', 'reason', 'frame'],
  },
  IMPORT_NOT_TIDIED: {
    level: 'warn',
    message: 'An import has ended, but its export or files could not be removed',
    fields: ['tenant', 'importId', 'errorCode', 'problem'],
  },
  DATA_SETS_REMOVED: {
    level: 'info',
    message: 'What imports had stored and nobody needs any more was removed',
    fields: ['tenant', 'imports', 'files'],
  },
  IMPORT_TICK_COMPLETED: {
    level: 'info',
    message: 'The importer looked for imports that are due',
    fields: ['begun', 'due', 'queued', 'ended', 'failed', 'milliseconds'],
  },
  IMPORT_NOT_QUEUED: {
    level: 'error',
    message: 'An import that is due could not be queued or ended; the next tick will try again',
    fields: ['tenant', 'importId', 'errorName', 'reason', 'frame'],
  },
  AUDIT_FINDING: {
    level: 'error',
    message: 'The auditor found something stored that must not be so',
    fields: ['kind', 'tenant', 'binaryId', 'jobId', 'versionId'],
  },
  AUDIT_COMPLETED: {
    level: 'info',
    message: 'The auditor looked at a sample of what is stored',
    fields: [
      'records',
      'versions',
      'bytes',
      'binaries',
      'orphans',
      'orphanBytes',
      'findings',
      'isCutShort',
      'milliseconds',
    ],
  },
} as const satisfies Record<string, LogEventDefinition>;

/** The code of an event. */
export type LogEvent = keyof typeof logEvents;

/** What a field may hold. */
export type LogValue = string | number | boolean | undefined;

/** The fields that an event allows, all of them optional. */
export type LogFields<Event extends LogEvent> = {
  readonly [Field in (typeof logEvents)[Event]['fields'][number]]?: LogValue;
};
