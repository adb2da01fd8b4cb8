import { setTimeout as delay } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { contentKey } from '../../functions/binaries/binary.ts';
import { createCleanerDependencies } from '../../functions/cleaner/dependencies.ts';
import { removeOrphans } from '../../functions/cleaner/remove-orphans.ts';
import { isOpen, type Job } from '../../functions/jobs/job.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { type BalanceRow, drawBalance, findOrphans } from './balance.ts';
import type { SoakClient } from './client.ts';
import type { Ledger } from './ledger.ts';
import { countMessages, readDigests, readJobs, readKeys } from './read-stores.ts';
import { soakDeadline, visibilitySeconds } from './settings.ts';
import type { Stage } from './stage.ts';

/** How many Binaries are read over HTTP once more in the end. */
const mostReads = 300;
/** Orphans that are planted. */
const mostPlanted = 10;

const isQuiet = async ({ documents, sqs, api: { resources } }: Stage): Promise<boolean> => {
  const messages = await countMessages(sqs, resources.reportQueueUrl);
  const isUnderWay = (job: Job) => isOpen(job) && job.releaseAt === undefined;
  return messages === 0 && !(await readJobs(documents, resources.jobsTable)).some(isUnderWay);
};

/** Waits until no job is open but those that wait for the night, and no message is left, at most until every deadline has passed. */
export const waitUntilQuiet = async (stage: Stage): Promise<void> => {
  const end = performance.now() + soakDeadline + visibilitySeconds * 2000;
  while (performance.now() < end && !(await isQuiet(stage))) await delay(1000);
};

const expectedInTheEnd = { no: [200], asked: [200, 410], confirmed: [410] } as const;

/** Each client reads what it has ordered once more: the same bytes as before, or 410. */
export const readAgain = async (clients: readonly SoakClient[], ledger: Ledger): Promise<number> => {
  const orders = [...ledger.orders.values()].toSorted(() => Math.random() - 0.5).slice(0, mostReads);
  for (const order of orders) {
    const client = clients.find(({ tenant, user }) => tenant === order.tenant && user === order.user);
    const answer = await client?.call('GET', `Binary/${order.binaryId}`);
    if (answer !== undefined) client?.expect('a read in the end', answer, ...expectedInTheEnd[order.deleted]);
  }
  return orders.length;
};

/** What the cleaner found, with an age of nothing: everything that was ordered so far is looked at. */
const clean = async ({ api }: Stage): Promise<number> => {
  const { jobsTable, contentBucket } = api.resources;
  const dependencies = createCleanerDependencies({ stage: 'soak', jobsTable, contentBucket, orphanAge: 0 }, () => {});
  const now = dependencies.clock.now();
  const { unnamed } = await removeOrphans(dependencies, { from: 0, to: now + 1 }, Number.POSITIVE_INFINITY);
  return unnamed;
};

/**
 * Kills seldom hit the moment between a worker's last two writes: so what such deaths leave behind is stored by hand, for attempts at reports that
 * others finished.
 */
const plantOrphans = async ({ s3, api: { resources } }: Stage, jobs: readonly Job[]): Promise<number> => {
  const keys = jobs
    .slice(0, mostPlanted)
    .map(({ tenantId, binaryId }) => contentKey(tenantId, binaryId, 2, randomIds.uuid()));
  for (const Key of keys) {
    await s3.send(new PutObjectCommand({ Bucket: resources.contentBucket, Key, Body: 'planted' }));
  }
  return keys.length;
};

/** What is left when everything is quiet. */
export interface Settlement {
  readonly rows: readonly BalanceRow[];
  readonly jobs: readonly Job[];
}

/** Runs the cleaner, and draws the balance from the stores. Messages set aside are shown: each of their jobs has ended all the same. */
export const settle = async (
  stage: Stage,
  ledger: Ledger,
  dataSets: Readonly<Record<string, number>>,
): Promise<Settlement> => {
  const { documents, s3, sqs, api } = stage;
  const { contentBucket, jobsTable, reportQueueUrl, deadLetterQueueUrl } = api.resources;
  const jobs = await readJobs(documents, jobsTable);
  const orphans = findOrphans(jobs, await readKeys(s3, contentBucket)).length;
  const planted = await plantOrphans(stage, jobs);
  const removed = await clean(stage);
  const keys = await readKeys(s3, contentBucket);
  const left = findOrphans(jobs, keys).length;
  const digests = await readDigests(s3, contentBucket, keys);
  const state = { jobs, digests, messages: await countMessages(sqs, reportQueueUrl) };
  const rows: readonly BalanceRow[] = [
    ...drawBalance(ledger, state, dataSets),
    { label: 'messages in the dead-letter queue', value: await countMessages(sqs, deadLetterQueueUrl), isOff: false },
    { label: 'orphan objects of the run', value: orphans, isOff: false },
    { label: 'orphan objects planted', value: planted, isOff: false },
    { label: 'orphan objects that the cleaner removed', value: removed, isOff: removed !== orphans + planted },
    { label: 'orphan objects after the cleaner', value: left, isOff: left !== 0 },
  ];
  return { rows, jobs };
};
