import type { AuditEvent } from './audit-event.ts';

/** Where audit events go: who asked for what, and what became of it. Apart from the functions' logs, with a retention of its own. */
export interface AuditLog {
  /**
   * Writes one event, and resolves when it is kept.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when it is not, or when that is not known
   */
  write(event: AuditEvent): Promise<void>;
}

/** One stream of a log group. */
export interface LogDestination {
  readonly group: string;
  readonly stream: string;
}
