import type { Logger } from '../platform/logger.ts';

/**
 * What must not be so: bytes that a record names are gone, or others (I3); bytes of a deleted Binary are there after its sweep (I12); its sweep is
 * overdue; a job is open after its deadline (I1); a record cannot be read.
 */
export type FindingKind =
  | 'bytes-missing'
  | 'bytes-differ'
  | 'bytes-left'
  | 'sweep-overdue'
  | 'job-overdue'
  | 'record-unreadable';

/** One thing that the auditor found: opaque ids, nothing of a content. */
export interface Finding {
  readonly kind: FindingKind;
  readonly tenant: string;
  readonly binaryId: string;
  readonly jobId?: string;
  readonly versionId?: number;
}

/** What a run has found so far. */
export interface Findings {
  /** Tells a finding (`AUDIT_FINDING`), the same one once a run, and a hundred of them at most. */
  add(finding: Finding): void;
  /** All of them, also those that are not told. */
  count(): number;
}

const mostTold = 100;

/** None so far. */
export const createFindings = (logger: Logger): Findings => {
  const seen = new Set<string>();
  return {
    add(finding) {
      const { kind, tenant, binaryId, versionId = 0 } = finding;
      const name = `${kind} ${tenant} ${binaryId} ${versionId}`;
      if (seen.has(name)) return;
      seen.add(name);
      if (seen.size <= mostTold) logger.log('AUDIT_FINDING', { ...finding });
    },
    count: () => seen.size,
  };
};
