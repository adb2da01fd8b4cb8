/** What one piece of work is billed for. Everything but the processor time follows from the code alone. */
export interface Work {
  /** The function that does it. */
  readonly by: 'api' | 'worker' | 'dispatcher' | 'cleaner' | 'importer';
  /** Processor time, warm: the median of some repetitions. Emulators and client run in the same process and are in it. */
  readonly processorMilliseconds: number;
  /** Calls of the services by their names, such as `PutItem`, `GET` or `SendMessage`. */
  readonly calls: Readonly<Record<string, number>>;
  /** DynamoDB's request units, writes of indexes included. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** PUT, POST and LIST. */
  readonly s3Writes: number;
  /** GET and HEAD. */
  readonly s3Reads: number;
  readonly sqsRequests: number;
  /** Log lines of the function as it writes them, without what Lambda adds. */
  readonly logBytes: number;
  /** Audit events. */
  readonly auditBytes: number;
}

/** The pieces of work that are measured. */
export const workNames = [
  'order',
  'report',
  'poll',
  'read',
  'status',
  'delete',
  'tick',
  'clean',
  'importTick',
] as const;

/** One of them. */
export type WorkName = (typeof workNames)[number];

/** A whole measurement, and what stands in `infra/` beside it. */
export interface MeasuredWork {
  /** ISO 8601 date. */
  readonly date: string;
  readonly machine: string;
  readonly episodes: number;
  /** Bytes of the finished report, as stored. */
  readonly reportBytes: number;
  /** Bytes of the job's item in the end, its copies in the indexes included. */
  readonly itemBytes: number;
  /** Megabytes of each function. */
  readonly memory: Readonly<Record<Work['by'], number>>;
  /** What stands there all the time. */
  readonly standing: {
    /** Metrics that alarms watch: what an alarm on an expression is billed for. */
    readonly alarms: number;
    readonly dashboards: number;
    readonly keys: number;
    /** Queues that Lambda asks for messages. */
    readonly queues: number;
    /** Series of metrics that come also when nobody orders anything, and all. */
    readonly periodicMetrics: number;
    readonly metrics: number;
  };
  readonly work: Readonly<Record<WorkName, Work>>;
}

/** What `bench/cost/measured-work.json` holds; what stands there all the time is counted whenever it is told. */
export type Measurement = Omit<MeasuredWork, 'standing'>;
