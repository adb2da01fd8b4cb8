import type { MeasuredWork, WorkName } from './work.ts';

/** One price of the list. */
export interface Price {
  readonly price: number;
  readonly per: string;
  /** Found again in stored copies of public pages, or from knowledge of them. */
  readonly basis: 'seen' | 'remembered';
}

/** What prices there are. */
export type PriceName =
  | 'lambdaRequest'
  | 'lambdaGigabyteSecond'
  | 'gatewayRequest'
  | 'dynamodbWrite'
  | 'dynamodbRead'
  | 'dynamodbStorage'
  | 'dynamodbBackup'
  | 's3Write'
  | 's3Read'
  | 's3Storage'
  | 'sqsRequest'
  | 'logsIngested'
  | 'logsStored'
  | 'metric'
  | 'alarm'
  | 'dashboard'
  | 'kmsKey'
  | 'kmsRequest';

/** A region's list prices, as `infra/prices/` has them. */
export interface PriceList {
  readonly region: string;
  readonly currency: string;
  /** ISO 8601 date. */
  readonly asOf: string;
  readonly about: string;
  readonly prices: Readonly<Record<PriceName, Price>>;
}

/** What a month is taken to be, where the code does not say it. */
export const assumptions = {
  /** Reads of a Binary whose report is not finished, for each order. */
  polls: 3,
  reads: 1,
  statuses: 1,
  /** `RETENTION_DAYS`, and how long a record outlives its Binary, in months. */
  retentionMonths: 3,
  recordMonths: 4,
  /** Of logs and of the audit trail in the stage `prod`, in months. */
  logMonths: 12,
  auditMonths: 60,
  /** What Lambda writes beside a function's own lines: START, END and REPORT; and the gateway's access log, a line a request. */
  lambdaLogBytes: 330,
  accessLogBytes: 400,
  /** Waiting for one call's answer within a region, in milliseconds: DynamoDB and SQS, S3, and CloudWatch Logs for an audit event. */
  callMilliseconds: { DynamoDB: 6, SQS: 10, S3: 25 },
  auditMilliseconds: 15,
  /** Memory at which a function has one whole processor; with less it has a part of one. */
  wholeProcessor: 1769,
  /** The event source of each queue asks by itself: five pollers, each every 20 seconds; and twice for each message. */
  queuePolls: 5 * 3 * 60 * 24 * 30,
  queueRequestsPerMessage: 2,
  /** Each order is looked at by four runs of the cleaner (decision 11): a consistent read each, and its objects are listed by the thousand. */
  cleanerLooks: 4,
  /** Containers that read the tenants again every minute, at most; a consistent read each while the table has less than 4 kB. */
  warmContainers: 10,
  kmsRequests: 100_000,
  minutes: 60 * 24 * 30,
  cleanings: 4 * 30,
  placeholderBytes: 19,
} as const;

/** One line of the bill. */
export interface BillLine {
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly cost: number;
}

const gigabyte = 1e9;
const binaryGigabyte = 2 ** 30;

/** How often each piece of work is done in a month. */
const countRuns = (orders: number): Readonly<Record<WorkName, number>> => ({
  order: orders,
  report: orders,
  poll: orders * assumptions.polls,
  read: orders * assumptions.reads,
  status: orders * assumptions.statuses,
  delete: 0,
  tick: assumptions.minutes,
  clean: assumptions.cleanings,
  importTick: assumptions.minutes,
});

const gatewayWork: readonly WorkName[] = ['order', 'poll', 'read', 'status', 'delete'];

/**
 * How long a function runs for one piece of work: its processor time on the part of a processor that its memory brings, and one wait after
 * another for its calls, though some of them are made side by side.
 */
export const estimateMilliseconds = ({ work, memory }: MeasuredWork, name: WorkName): number => {
  const { by, processorMilliseconds, calls, auditBytes } = work[name];
  const share = Math.min(1, memory[by] / assumptions.wholeProcessor);
  const waits = Object.entries(calls).reduce((sum, [call, count]) => {
    const [service = ''] = call.split(' ');
    return sum + count * assumptions.callMilliseconds[service as keyof typeof assumptions.callMilliseconds];
  }, 0);
  return Math.ceil(processorMilliseconds / share + waits + (auditBytes > 0 ? assumptions.auditMilliseconds : 0));
};

/**
 * The bill of one month, in a state in which as much expires as comes.
 *
 * @param orders how many reports are ordered in the month
 * @param slower how many times as long the functions run as is estimated
 */
export const priceMonth = (
  measured: MeasuredWork,
  { prices }: PriceList,
  orders: number,
  slower = 1,
): readonly BillLine[] => {
  const { work, memory, itemBytes, reportBytes, standing } = measured;
  const runs = countRuns(orders);
  const names = Object.keys(runs) as WorkName[];
  const total = (of: (name: WorkName) => number) => names.reduce((sum, name) => sum + runs[name] * of(name), 0);
  const requests = gatewayWork.reduce((sum, name) => sum + runs[name], 0);
  const gigabyteSeconds = total((name) => {
    return (slower * estimateMilliseconds(measured, name) * (memory[work[name].by] / 1024)) / 1000;
  });
  const tenantReads = Math.min(2 * orders, assumptions.warmContainers * assumptions.minutes);
  const logged =
    total((name) => work[name].logBytes + assumptions.lambdaLogBytes) + requests * assumptions.accessLogBytes;
  const audited = total((name) => work[name].auditBytes);
  const looks = assumptions.cleanerLooks * orders;
  const itemGigabytes = (orders * assumptions.recordMonths * itemBytes) / binaryGigabyte;
  const objectBytes = orders * assumptions.retentionMonths * (reportBytes + assumptions.placeholderBytes);
  const kept = logged * assumptions.logMonths + audited * assumptions.auditMonths;
  const series = orders < 1000 ? standing.periodicMetrics : standing.metrics;
  const line = (item: string, quantity: number, unit: string, name: PriceName): BillLine => ({
    item,
    quantity,
    unit,
    cost: quantity * prices[name].price,
  });
  return [
    line('API Gateway', requests, 'requests', 'gatewayRequest'),
    line(
      'Lambda, invocations',
      total(() => 1),
      'requests',
      'lambdaRequest',
    ),
    line('Lambda, time', gigabyteSeconds, 'GB-s', 'lambdaGigabyteSecond'),
    line(
      'DynamoDB, writes',
      total((name) => work[name].writeUnits),
      'units',
      'dynamodbWrite',
    ),
    line('DynamoDB, reads', total((name) => work[name].readUnits) + tenantReads + looks, 'units', 'dynamodbRead'),
    line('DynamoDB, storage', itemGigabytes, 'GB', 'dynamodbStorage'),
    line('DynamoDB, point-in-time recovery', itemGigabytes, 'GB', 'dynamodbBackup'),
    line('S3, PUT and LIST', total((name) => work[name].s3Writes) + looks / 500, 'requests', 's3Write'),
    line(
      'S3, GET and HEAD',
      total((name) => work[name].s3Reads),
      'requests',
      's3Read',
    ),
    line('S3, storage', objectBytes / binaryGigabyte, 'GB', 's3Storage'),
    line(
      'SQS',
      total((name) => work[name].sqsRequests) +
        standing.queues * assumptions.queuePolls +
        orders * assumptions.queueRequestsPerMessage,
      'requests',
      'sqsRequest',
    ),
    line('CloudWatch Logs, written', (logged + audited) / gigabyte, 'GB', 'logsIngested'),
    line('CloudWatch Logs, kept', kept / gigabyte, 'GB', 'logsStored'),
    line('CloudWatch, metrics', series, 'series', 'metric'),
    line('CloudWatch, alarms', standing.alarms, 'metrics', 'alarm'),
    line('CloudWatch, dashboards', standing.dashboards, 'dashboards', 'dashboard'),
    line('KMS, keys', standing.keys, 'keys', 'kmsKey'),
    line('KMS, requests', assumptions.kmsRequests, 'requests', 'kmsRequest'),
  ];
};

/** What a bill comes to. */
export const sumUp = (bill: readonly BillLine[]): number => bill.reduce((sum, { cost }) => sum + cost, 0);
