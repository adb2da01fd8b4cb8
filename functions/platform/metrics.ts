import type { LogEvent } from './log-events.ts';

/** CloudWatch's names of units. */
export type MetricUnit = 'Count' | 'Seconds' | 'Milliseconds' | 'Bytes';

/**
 * What its values are: things that happened (their sum counts), how much there is at a moment (the `highest` or the `lowest` counts), or
 * how long something took (a percentile counts).
 */
export type MetricKind = 'events' | 'highest' | 'lowest' | 'duration';

/** One metric: which events carry it, and what its value is. */
export interface MetricDefinition {
  readonly events: readonly LogEvent[];
  readonly unit: MetricUnit;
  readonly kind: MetricKind;
  /** The field of the event that is the value; without, each event counts 1. An event whose field is absent carries no value. */
  readonly field?: string;
  /** A second dimension beside the stage, from a field with few values that the service itself makes; `none` where it is absent. */
  readonly by?: { readonly dimension: string; readonly field: string };
}

/** The namespace of all metrics of the service. */
export const metricNamespace = 'serverless-reporting';

/** The dimension that every metric has: the stage (`dev`, `prod`). A region is an account's own; nothing is added up over regions. */
export const stageDimension = 'Stage';

/**
 * Every metric of the service, by its name. Each is carried by lines of the log that are written anyway. A tenant is no dimension:
 * CloudWatch keeps (and charges for) each value of a dimension as a metric of its own, and who it was stands in the line itself.
 */
export const metrics = {
  Ticks: { events: ['TICK_COMPLETED'], unit: 'Count', kind: 'events' },
  OldestJobAge: { events: ['TICK_COMPLETED'], unit: 'Seconds', kind: 'highest', field: 'oldestSeconds' },
  ScheduledTimeLeft: { events: ['TICK_COMPLETED'], unit: 'Seconds', kind: 'lowest', field: 'scheduledSecondsLeft' },
  DeadLetters: { events: ['TICK_COMPLETED'], unit: 'Count', kind: 'highest', field: 'deadLetters' },
  PlacedOrders: { events: ['ORDER_PLACED'], unit: 'Count', kind: 'events' },
  UnqueuedOrders: { events: ['ENQUEUE_FAILED'], unit: 'Count', kind: 'events' },
  FinishedJobs: { events: ['JOB_DONE'], unit: 'Count', kind: 'events' },
  FailedJobs: { events: ['JOB_FAILED'], unit: 'Count', kind: 'events' },
  ReportDuration: { events: ['JOB_DONE'], unit: 'Milliseconds', kind: 'duration', field: 'milliseconds' },
  RequestDuration: {
    events: ['REQUEST_COMPLETED'],
    unit: 'Milliseconds',
    kind: 'duration',
    field: 'milliseconds',
    by: { dimension: 'Route', field: 'route' },
  },
  FailedRequests: { events: ['REQUEST_FAILED'], unit: 'Count', kind: 'events' },
  AuditEventsLost: { events: ['AUDIT_NOT_WRITTEN'], unit: 'Count', kind: 'events' },
  IssuerFailures: { events: ['ISSUER_UNAVAILABLE'], unit: 'Count', kind: 'events' },
  TokensAheadOfClock: { events: ['TOKEN_AHEAD_OF_CLOCK'], unit: 'Count', kind: 'events', field: 'refusals' },
  TenantFaults: {
    events: ['TENANT_CONFIG_INVALID', 'TENANT_REGISTRY_STALE', 'TENANT_REGISTRY_UNAVAILABLE'],
    unit: 'Count',
    kind: 'events',
  },
  DependencyRefusals: { events: ['DEPENDENCY_REFUSED'], unit: 'Count', kind: 'events' },
  CorruptContents: { events: ['CONTENT_CORRUPT', 'SUMMARY_DAMAGED'], unit: 'Count', kind: 'events' },
  UnreadableItems: { events: ['JOB_ITEM_UNREADABLE'], unit: 'Count', kind: 'events' },
  Cleanings: { events: ['CLEANING_COMPLETED'], unit: 'Count', kind: 'events' },
  OrphansDoubted: { events: ['ORPHANS_DOUBTED'], unit: 'Count', kind: 'events' },
  FailedImports: { events: ['IMPORT_FAILED', 'DATA_SET_AHEAD'], unit: 'Count', kind: 'events' },
  ImportTicks: { events: ['IMPORT_TICK_COMPLETED'], unit: 'Count', kind: 'events' },
  AuditorRuns: { events: ['AUDIT_COMPLETED'], unit: 'Count', kind: 'events' },
  AuditorFindings: { events: ['AUDIT_FINDING'], unit: 'Count', kind: 'events' },
  OrphanBytes: { events: ['AUDIT_COMPLETED'], unit: 'Bytes', kind: 'highest', field: 'orphanBytes' },
  DataSetsNeverFetched: { events: ['DATA_SET_NEVER_FETCHED'], unit: 'Count', kind: 'events' },
  DataSetAge: { events: ['DATA_SET_DATED'], unit: 'Seconds', kind: 'highest', field: 'ageSeconds' },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** The name of a metric. */
export type MetricName = keyof typeof metrics;
