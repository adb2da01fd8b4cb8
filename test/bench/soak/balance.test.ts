import { beforeEach, describe, expect, test } from 'vitest';
import { type BalanceRow, drawBalance, findOrphans, type StoredState } from '../../../bench/soak/balance.ts';
import { addTo, type Ledger, noteCurrent, noteDigest, openLedger, remember } from '../../../bench/soak/ledger.ts';
import { contentKey, describeStoredVersion, sha256Hex } from '../../../functions/binaries/binary.ts';
import type { Job } from '../../../functions/jobs/job.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from '../../support/sample-job.ts';

const report = new TextEncoder().encode('a report');
const versionTwo = (binaryId: string) =>
  describeStoredVersion(
    { versionId: 2, contentType: 'x', bytes: report, lastUpdated: sampleTime, writer: 'w' },
    contentKey(demoTenant, binaryId, 2, 'w'),
  );

let ledger: Ledger;
beforeEach(() => {
  ledger = openLedger();
});

/** A finished job, of which its client knows all there is. */
const finish = (last: string, own: Partial<Job> = {}): Job => {
  const first = sampleJob({ binaryId: sampleBinaryId(last) });
  const versions = [...first.versions, versionTwo(first.binaryId)];
  const job = { ...first, status: 'DONE' as const, ended: sampleTime + 1000, versions, ...own };
  const order = remember(ledger, job.tenantId, demoUser, job.binaryId);
  order.told = 'report';
  noteCurrent(ledger, order, 2);
  noteDigest(ledger, order, 2, sha256Hex(report));
  return job;
};
const stateOf = (jobs: readonly Job[]): StoredState => ({
  jobs,
  messages: 0,
  digests: new Map(
    jobs.flatMap(({ versions }) =>
      versions.flatMap(({ content, sha256 }) => (content.kind === 'stored' ? [[content.key, sha256] as const] : [])),
    ),
  ),
});
const isOff = ({ isOff: off }: BalanceRow) => off;
const offRows = (jobs: readonly Job[], own: Partial<StoredState> = {}) =>
  drawBalance(ledger, { ...stateOf(jobs), ...own }, { demo: 1 })
    .filter(isOff)
    .map(({ label }) => label);

describe('the balance of a soak', () => {
  test('is even when the stores hold what clients were told', () => {
    expect(offRows([finish('1'), finish('2')])).toEqual([]);
  });

  test('is off by an accepted order without a record (I6)', () => {
    finish('2');
    expect(offRows([finish('1')])).toEqual(['accepted orders without a record (I6)']);
  });

  test.each<[string, Partial<Job>]>([
    ['still open', { status: 'RUNNING' }],
    ['ended after their deadline (I1)', { ended: sampleTime + 15 * 60_000 + 1 }],
    ['FAILED without a reason', { status: 'FAILED' }],
  ])('is off by a job that is %s', (label, own) => {
    expect(offRows([finish('1', own)])).toContain(label);
  });

  test('is off by bytes that are gone or others than the record says (I3)', () => {
    const job = finish('1');
    const label = ['versions without their very bytes (I3)'];
    expect(offRows([job], { digests: new Map() })).toEqual(label);
    const [key = ''] = [...stateOf([job]).digests.keys()];
    expect(offRows([job], { digests: new Map([...stateOf([job]).digests, [key, 'other']]) })).toEqual(label);
  });

  test('is off by a version that was read with other bytes, or went back (I2, I11)', () => {
    const job = finish('1');
    const order = remember(ledger, job.tenantId, demoUser, job.binaryId);
    noteDigest(ledger, order, 2, 'other');
    noteCurrent(ledger, order, 1);
    expect(offRows([job])).toEqual(['version 2 has changed (I2)', 'version 2 was current, and then 1 (I11)']);
  });

  test('is off by a record that says something else than its client was told', () => {
    const jobs = [finish('1', { userId: 'somebody-else' }), finish('2', { deletedAt: sampleTime, versions: [] })];
    const kept = finish('3');
    remember(ledger, kept.tenantId, demoUser, kept.binaryId).deleted = 'confirmed';
    const rows = drawBalance(ledger, stateOf([...jobs, kept]), {}).filter(isOff);
    expect(rows).toMatchObject([{ label: 'orders whose record is not what the client was told', value: 3 }]);
  });

  test('is off by a second job of an idempotency key (I5), and by jobs that nobody ordered', () => {
    const jobs = [finish('1'), finish('2'), { ...finish('3'), binaryId: sampleBinaryId('4') }];
    ledger.orders.delete(sampleBinaryId('3'));
    for (const { binaryId } of jobs.slice(0, 2)) addTo(ledger.keys, 'demo/user/key', binaryId);
    expect(offRows(jobs)).toEqual([
      'jobs nobody was told of, beyond orders answered 5xx or not at all',
      'idempotency keys with more than one job (I5)',
    ]);
    ledger.unanswered = 1;
    expect(offRows(jobs)).toHaveLength(1);
  });

  test('is off by reports of one data set that differ (I10)', () => {
    for (const summary of ['one', 'other']) addTo(ledger.summaries, 'demo', summary);
    expect(offRows([finish('1')])).toEqual(['tenants with reports of mixed data (I10)']);
  });
});

test('an object is an orphan that no version names', () => {
  const job = finish('1');
  const keys = [...stateOf([job]).digests.keys()];
  const lost = contentKey(demoTenant, job.binaryId, 2, 'killed');
  expect(findOrphans([job], [...keys, lost])).toEqual([lost]);
});
