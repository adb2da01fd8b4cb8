import { setImmediate as nextTurn } from 'node:timers/promises';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createS3BinaryEraser } from '../../functions/binaries/s3-binary-eraser.ts';
import { readDispatcherConfig } from '../../functions/dispatcher/config.ts';
import { createDispatcherHandler } from '../../functions/dispatcher/create-dispatcher-handler.ts';
import { createDynamoDbBacklog } from '../../functions/jobs/dynamodb-backlog.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import { toJobItem } from '../../functions/jobs/job-item.ts';
import { createSqsDeadLetters } from '../../functions/jobs/sqs-dead-letters.ts';
import { createSqsJobQueue } from '../../functions/jobs/sqs-job-queue.ts';
import { createLogger } from '../../functions/platform/logger.ts';
import { createDecisionTape } from '../../test/simulation/decision-tape.ts';
import { reportQueueRules } from '../../test/simulation/queue-rules.ts';
import { createSimulatedIds } from '../../test/simulation/simulated-ids.ts';
import { type SimulatedProcess, startProcess } from '../../test/simulation/simulated-process.ts';
import { createSimulatedQueue } from '../../test/simulation/simulated-queue.ts';
import { createContentS3, createDocuments, createSqs } from '../../test/simulation/simulated-sdk.ts';
import { createInMemoryBucket } from '../../test/simulation/stores/in-memory-bucket.ts';
import { createInMemoryTable, type InMemoryTable } from '../../test/simulation/stores/in-memory-table.ts';
import { readTableSchema } from '../../test/simulation/stores/table-schema.ts';
import { createVirtualTime, type VirtualTime } from '../../test/simulation/virtual-time.ts';
import { noImports } from '../../test/support/sample-import.ts';
import { sampleJob } from '../../test/support/sample-job.ts';
import { type Figure, figure } from '../harness/figure.ts';

/** What a call takes, in ms, as this project reckons with AWS. */
const latencies: Readonly<Record<string, number>> = { dynamodb: 5, sqs: 8, 's3-content': 22 };

const start = Date.UTC(2026, 10, 28, 12);
const minute = 60_000;

/** Jobs that wait, of ten tenants, ordered one after the other. */
const fillTable = (table: InMemoryTable, count: number, due: number): void => {
  const ids = createSimulatedIds();
  for (let at = 0; at < count; at += 1) {
    const created = start - minute - at;
    const times = { created, due: due + (at % 1000), deadline: start + 60 * minute, expires: start + 9e9 };
    const binaryId = ids.sortableUuid(created);
    const job = sampleJob({ tenantId: restoreTenantId(`tenant-${at % 10}`), binaryId, jobId: ids.uuid(), ...times });
    table.put(toJobItem(job) as unknown as Parameters<InMemoryTable['put']>[0], {});
  }
};

/** The dispatcher as it is deployed, over stores in memory. */
const createDispatcher = (process: SimulatedProcess, table: InMemoryTable, time: VirtualTime) => {
  const tape = createDecisionTape([]);
  const queue = createSimulatedQueue({
    time,
    tape,
    faultRate: 0,
    isQuiet: () => true,
    count() {},
    wake() {},
    rules: reportQueueRules,
  });
  const documents = createDocuments(process, table, {});
  const sqs = createSqs(process, queue, {});
  const { clock, ids } = process;
  const logger = createLogger(clock, () => {});
  const names = {
    JOBS_TABLE: 't',
    CONTENT_BUCKET: 'b',
    REPORT_QUEUE_URL: 'q',
    DEAD_LETTER_QUEUE_URL: 'd',
    IMPORTS_TABLE: 'i',
    STAGE: 'bench',
  };
  const rules = readDispatcherConfig(names);
  return createDispatcherHandler({
    clock,
    ids,
    logger,
    rules,
    jobsPerTick: rules.jobsPerTick,
    imports: noImports,
    openJobs: createDynamoDbOpenJobIndex(documents, 't', logger),
    backlog: createDynamoDbBacklog(documents, 't'),
    jobs: createDynamoDbJobStore(documents, 't'),
    queue: createSqsJobQueue(sqs, 'q'),
    deadLetters: createSqsDeadLetters(sqs, 'd'),
    eraser: createS3BinaryEraser(createContentS3(process, createInMemoryBucket({ now: time.now }), {}), 'b'),
  });
};

/** What one tick came to. */
interface Tick {
  /** As its calls take, with whatever of them is under way at the same time. */
  readonly seconds: number;
  readonly calls: number;
  /** Messages sent: jobs dealt with. */
  readonly jobs: number;
}

const schema = await readTableSchema('JobsTable');

/** One tick among so many waiting jobs, in time that passes only by what its calls take. */
export const playTick = async (waiting: number, due: number): Promise<Tick> => {
  const time = createVirtualTime(start);
  const table = createInMemoryTable(schema, { now: time.now, lag: () => 0, written() {} });
  fillTable(table, waiting, due);
  let [calls, jobs] = [0, 0];
  const process = startProcess('dispatcher', 0, {
    time,
    ids: createSimulatedIds(),
    fateOf({ service, operation }) {
      calls += 1;
      if (operation === 'SendMessage') jobs += 1;
      return { before: latencies[service] ?? 0, after: 0, end: 'answered' };
    },
    crashed() {},
    underWay() {},
  });
  let isOver = false;
  const handle = createDispatcher(process, table, time);
  process.run(
    () => handle({}),
    (error) => {
      if (error !== undefined) throw error;
      isOver = true;
    },
  );
  await nextTurn();
  while (!isOver && time.step()) await nextTurn();
  return { seconds: (time.now() - start) / 1000, calls, jobs };
};

/** A tick among many waiting jobs: where none of them is due, and where all are. */
export const measureTicks = async (waiting: number): Promise<readonly Figure[]> => {
  const idle = await playTick(waiting, start + 60 * minute);
  const busy = await playTick(waiting, start - minute);
  return [
    figure('tick-idle-calls', '', [idle.calls]),
    figure('tick-idle-seconds', 's', [idle.seconds]),
    figure('tick-busy-seconds', 's', [busy.seconds]),
    figure('tick-busy-jobs', '', [busy.jobs]),
    figure('tick-busy-calls', '', [busy.calls]),
    figure('tick-busy-calls-a-job', '', [busy.calls / busy.jobs]),
  ];
};
