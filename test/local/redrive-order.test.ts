import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { readRedriveOrder, redriveOptions } from '../../local/redrive-order.ts';
import { reopenJob } from '../../local/reopen-jobs.ts';
import { createInMemoryJobStore } from '../support/in-memory-job-store.ts';
import { deployedRules } from '../support/run-jobs.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';

const read = (...args: string[]) => readRedriveOrder(parseArgs({ args, options: redriveOptions }).values);

test('without arguments it is a dry run over the dead letters', () => {
  expect(read()).toMatchObject({ apply: false, isAboutJobs: false, most: 1000, discard: new Set() });
});

test('jobs are named one by one, or by what they have in common', () => {
  expect(read('--binary', `demo/${sampleBinaryId()}`, '--within', '30')).toMatchObject({
    isAboutJobs: true,
    failed: false,
    binaries: [{ tenantId: 'demo', binaryId: sampleBinaryId() }],
    within: 1_800_000,
  });
  expect(
    read('--failed', '--tenant', 'demo', '--since', '2026-04-16T02:00:00+02:00', '--code', 'JOB_FAULT'),
  ).toMatchObject({
    filter: { tenantId: 'demo', since: Date.UTC(2026, 3, 16), code: 'JOB_FAULT', most: 1000 },
  });
});

test('dead letters are discarded by their ids, or by the tenant whose jobs are gone', () => {
  expect(read('--discard', 'a', '--discard-of', 'demo')).toMatchObject({ discard: new Set(['a']), discardOf: 'demo' });
});

test('since a leap second is since the next minute, which JavaScript does not know', () => {
  expect(read('--failed', '--since', '2016-12-31T23:59:60Z').filter.since).toBe(Date.UTC(2017, 0, 1));
});

test('the least time to a new deadline is enough for a job whose message was lost: the dispatcher sends the next', async () => {
  const [now, within] = [sampleTime + 3_600_000, read('--failed', '--within', '10').within];
  const jobs = createInMemoryJobStore();
  const failed = sampleJob({ status: 'FAILED' });
  await jobs.place(demoTenant, failed);
  const queue = { send: () => Promise.reject(new Error('lost')) };
  await reopenJob({ jobs, queue, now: () => now }, failed, { apply: true, within });
  const taken = now + 3 * 60_000;
  const { lease, maxAttempts, deadlineMargin } = deployedRules;
  const claim = { lease: { token: 'a', until: taken + lease }, now: taken, maxAttempts, deadlineMargin };
  expect((await jobs.claim(demoTenant, failed.binaryId, claim)).outcome).toBe('applied');
});

test.each([
  [['--within', '0'], '--within has to be a number from 10 to 1440'],
  [['--within', '9'], '--within has to be a number from 10 to 1440'],
  [['--most', 'many'], '--most has to be a number'],
  [['--binary', 'demo'], '--binary has to be <tenant>/<binary id>'],
  [['--binary', `Demo/${sampleBinaryId()}`], '--binary has to be <tenant>/<binary id>'],
  [['--failed', '--tenant', 'Demo'], '--tenant has to be'],
  [['--failed', '--since', 'today'], '--since has to be an instant'],
  [['--tenant', 'demo'], '--tenant, --since and --code go with --failed'],
  [['--failed', '--binary', `demo/${sampleBinaryId()}`], '--failed and --binary do not go together'],
  [['--discard-of', 'Demo'], '--discard-of has to be'],
  [['--failed', '--discard-of', 'demo'], '--discard-of is about dead letters only'],
  [['--failed', '--discard', 'x'], '--discard is about dead letters only'],
])('%j is a wrong call', (args, message) => {
  expect(() => read(...args)).toThrow(message);
});
