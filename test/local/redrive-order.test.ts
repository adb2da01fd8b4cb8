import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { readRedriveOrder, redriveOptions } from '../../local/redrive-order.ts';
import { sampleBinaryId } from '../support/sample-job.ts';

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

test.each([
  [['--within', '0'], '--within has to be a number from 1 to 1440'],
  [['--most', 'many'], '--most has to be a number'],
  [['--binary', 'demo'], '--binary has to be <tenant>/<binary id>'],
  [['--binary', `Demo/${sampleBinaryId()}`], '--binary has to be <tenant>/<binary id>'],
  [['--failed', '--tenant', 'Demo'], '--tenant has to be'],
  [['--failed', '--since', 'today'], '--since has to be an instant'],
  [['--tenant', 'demo'], '--tenant, --since and --code go with --failed'],
  [['--failed', '--binary', `demo/${sampleBinaryId()}`], '--failed and --binary do not go together'],
  [['--failed', '--discard', 'x'], '--discard is about dead letters only'],
])('%j is a wrong call', (args, message) => {
  expect(() => read(...args)).toThrow(message);
});
