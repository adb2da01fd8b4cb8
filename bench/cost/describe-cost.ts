import { assumptions, estimateMilliseconds, type Price, type PriceList, priceMonth, sumUp } from './price-month.ts';
import { type MeasuredWork, workNames } from './work.ts';

const volumes = [0, 1, 1000, 1_000_000] as const;

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const rule = (columns: number, numeric: number): string =>
  row(Array.from({ length: columns }, (_, column) => (column >= columns - numeric ? '---:' : '---')));

/** Dollars with as many digits as say something. */
const money = (amount: number): string => {
  if (amount === 0) return '0';
  if (amount < 0.005) return '< 0.01';
  return amount < 100 ? amount.toFixed(2) : Math.round(amount).toLocaleString('en-GB');
};

const amount = (quantity: number): string =>
  quantity >= 100
    ? Math.round(quantity).toLocaleString('en-GB')
    : Number(quantity.toPrecision(quantity < 0.01 ? 1 : 3)).toLocaleString('en-GB', { maximumFractionDigits: 6 });

const describeBill = (measured: MeasuredWork, list: PriceList): string[] => {
  const bills = volumes.map((orders) => priceMonth(measured, list, orders));
  const [largest = []] = bills.slice(-1);
  const lines = largest.map(({ item, quantity, unit }, index) =>
    row([item, ...bills.map((bill) => money(bill[index]?.cost ?? 0)), `${amount(quantity)} ${unit}`]),
  );
  return [
    row(['USD a month', 'no order', '1 order', '1 000 orders', '1 000 000 orders', 'of which there are, at 1 000 000']),
    rule(6, 5),
    ...lines,
    row(['**together**', ...bills.map((bill) => `**${money(sumUp(bill))}**`), '']),
  ];
};

const describeMargin = (measured: MeasuredWork, list: PriceList): string[] => {
  const together = (orders: number, slower?: number) => sumUp(priceMonth(measured, list, orders, slower));
  const most = volumes.at(-1) ?? 0;
  const each = ((together(most) - together(1000)) / (most - 1000)) * 1000;
  return [
    `A further thousand orders cost ${money(each)} USD: that is the slope between 1 000 and 1 000 000 orders.`,
    `Ran the functions twice as long as is estimated, a month of 1 000 000 orders would cost ${money(together(most, 2))} USD in place of ${money(together(most))}: only Lambda's time follows the clock.`,
  ];
};

const describeWork = (measured: MeasuredWork): string[] => [
  row([
    'work',
    'function',
    'MB',
    'processor, ms',
    'billed, ms',
    'write units',
    'read units',
    'S3 PUT, LIST',
    'S3 GET, HEAD',
    'SQS',
    'log, bytes',
    'audit, bytes',
    'calls',
  ]),
  rule(13, 0),
  ...workNames.map((name) => {
    const {
      by,
      processorMilliseconds,
      writeUnits,
      readUnits,
      s3Writes,
      s3Reads,
      sqsRequests,
      logBytes,
      auditBytes,
      calls,
    } = measured.work[name];
    const called = Object.entries(calls).map(([call, count]) => (count === 1 ? call : `${count} × ${call}`));
    const counts = [writeUnits, readUnits, s3Writes, s3Reads, sqsRequests, logBytes, auditBytes];
    return row([
      name,
      by,
      measured.memory[by],
      processorMilliseconds,
      estimateMilliseconds(measured, name),
      ...counts,
      called.sort().join(', '),
    ]);
  }),
];

const toPlainNumber = (number: number): string => number.toFixed(10).replace(/0+$/, '').replace(/\.$/, '');

/** What an order and its report ask of the services, in dollars; without the functions' time, logs and storage. */
const priceRequests = ({ work }: MeasuredWork, { prices }: PriceList): number =>
  [work.order, work.report].reduce(
    (sum, one) =>
      sum +
      one.writeUnits * prices.dynamodbWrite.price +
      one.readUnits * prices.dynamodbRead.price +
      one.s3Writes * prices.s3Write.price +
      one.s3Reads * prices.s3Read.price +
      one.sqsRequests * prices.sqsRequest.price,
    prices.gatewayRequest.price + 2 * prices.lambdaRequest.price,
  );

const describePrices = ({ prices }: PriceList): string[] => [
  row(['price', 'USD', 'for', 'basis']),
  rule(4, 0),
  ...Object.entries<Price>(prices).map(([name, { price, per, basis }]) =>
    row([name, toPlainNumber(price), per, basis]),
  ),
];

const describeAssumptions = ({ standing, reportBytes, itemBytes, episodes }: MeasuredWork): string[] => [
  `- For each order: one report over ${episodes.toLocaleString('en-GB')} episodes of care, ${assumptions.polls} polls, ${assumptions.reads} raw read, ${assumptions.statuses} job status, no erasure (the retention ends it; what expires costs nothing).`,
  `- A report of ${reportBytes.toLocaleString('en-GB')} bytes is kept for ${assumptions.retentionMonths} months, its record of ${itemBytes.toLocaleString('en-GB')} bytes, copies in the indexes included, for ${assumptions.recordMonths}; logs for ${assumptions.logMonths} months, the audit trail for ${assumptions.auditMonths} (\`prod\`), not compressed. The month is one in which as much expires as comes.`,
  `- Lambda adds ${assumptions.lambdaLogBytes} bytes of log to each invocation, the gateway ${assumptions.accessLogBytes} to each request. A call of DynamoDB is answered after ${assumptions.callMilliseconds.DynamoDB} ms, of SQS after ${assumptions.callMilliseconds.SQS}, of S3 after ${assumptions.callMilliseconds.S3}, an audit event is written after ${assumptions.auditMilliseconds}: what is usual within a region, and no measurement. ${assumptions.wholeProcessor} MB are one processor (AWS Lambda, "Configure Lambda function memory").`,
  `- Each of the ${standing.queues} queues is asked ${assumptions.queuePolls.toLocaleString('en-GB')} times a month by Lambda's event source, whether or not there is anything in it (five pollers, 20 s each), and ${assumptions.queueRequestsPerMessage} times for each message.`,
  `- Each order is looked at ${assumptions.cleanerLooks} times by the cleaner. The tenants are read twice for each order, or by ${assumptions.warmContainers} warm containers once a minute, whichever is less.`,
  `- In \`infra/\` stand metrics that alarms watch: ${standing.alarms} (an alarm on an expression is billed for each of its metrics), dashboards: ${standing.dashboards}, keys: ${standing.keys}. ${standing.periodicMetrics} series of metrics come without any order, ${standing.metrics} with many; from 1 000 orders on all of them are paid for in every hour, which is the most that it can be.`,
  `- ${assumptions.kmsRequests.toLocaleString('en-GB')} requests to KMS: the services ask for a data key some times an hour and resource, not for each object or message.`,
  "- Nobody has a free tier, cold starts are rare beside warm requests, nothing fails and nothing is tried again. Left out: data transfer out of AWS, the transfer of data sets into S3, their storage (the one in use, the one that it replaced or an importing tenant's `keep`, and what was removed for `dataVersionsDays` more), what [an import](imports.md) costs beyond its ticks, what the auditor does every night, X-Ray, Route 53 and certificates, support, tax.",
];

/** docs/cost.md, from what was measured and the price list. */
export const describeCost = (measured: MeasuredWork, list: PriceList): string =>
  [
    '# What it costs',
    '',
    'Computed, not estimated by hand: this page is what a command prints. It multiplies what one order, one report, one read, one tick of dispatcher and importer and one run of the cleaner were measured to do with the public list prices of one region. Nothing of it has been compared with a bill: the service has not been deployed yet.',
    '',
    '```sh',
    'npm run --silent cost > docs/cost.md      # from bench/cost/measured-work.json and infra/prices/',
    'npm run cost -- --count                   # counts the work anew, over the embedded default',
    'npm run cost -- --measure                 # and times it',
    '```',
    '',
    `Prices of ${list.region} as of ${list.asOf}, before tax and free tiers. Work measured on ${measured.date}.`,
    '',
    ...describeBill(measured, list),
    '',
    ...describeMargin(measured, list),
    '',
    'A region with no order costs what stands there: the ticks of every minute, the queues that are asked, metrics, alarms and the keys. Each further region is another such cell.',
    '',
    '## What one report cost',
    '',
    `Its record says what its workers were billed for, and so does its job status to a token with the role \`report-operator\` ([decision 19](decisions/0019-billed-time-not-money.md)): \`gigabyteSeconds\` × ${toPlainNumber(list.prices.lambdaGigabyteSecond.price)} USD is what tells one report from another, and the rest is the same for each, ${toPlainNumber(priceRequests(measured, list))} USD for the requests of an order and a report. By tenant, in CloudWatch Logs Insights over the worker's log group:`,
    '',
    '```',
    'filter event in ["JOB_DONE", "JOB_FAILED"] | stats count(*) as reports, sum(gigabyteSeconds) as gbs by tenant',
    '```',
    '',
    '## What was measured',
    '',
    'The calls are counted between the AWS SDK and the emulators by a meter (`bench/cost/billing-meter.ts`), warm, the least of some rounds, each over another data set: a further report over the same one is made from its kept months and asks for less. Units of writes are counted from the items before and after, indexes included, as DynamoDB bills them (`bench/cost/index-writes.ts`). A test counts again and compares.',
    `Processor time is the median of eleven rounds without the meter, of the whole process (client and emulators are in it), on ${measured.machine}. What is billed is an estimate from it: divided by the part of a processor that the function's memory brings, and with a wait for each call added.`,
    '',
    ...describeWork(measured),
    '',
    '## What is assumed',
    '',
    ...describeAssumptions(measured),
    '',
    '## Prices',
    '',
    `\`infra/prices/${list.region}.json\`. ${list.about}`,
    '',
    ...describePrices(list),
    '',
  ].join('\n');
