import { expect, test } from 'vitest';
import { isOfLaterVersion, isTidy } from '../../functions/imports/import.ts';
import { fromImportItem, toImportItem } from '../../functions/imports/import-item.ts';
import { firstCursor, hasGotOn, planFiles } from '../../functions/imports/import-transitions.ts';
import { readFixture } from '../support/read-fixture.ts';
import { sampleTime } from '../support/sample-job.ts';

// As the first version wrote it, while it asked for a manifest once more.
const older = readFixture<Record<string, unknown>>('import-items/older.json');
// As a later one might.
const newer = readFixture<Record<string, unknown>>('import-items/newer.json');

test('an item of the first version is read, and written as it was', () => {
  const read = fromImportItem(older);
  expect(read).toMatchObject({ tenantId: 'demo', state: 'POLLING', begun: sampleTime, restarts: 1 });
  expect(read.lease).toEqual({ token: older['leaseToken'], until: sampleTime + 120_000 });
  expect(toImportItem(read)).toEqual(older);
});

test('an import of the first version, of which it is not known which files it has read, reads them from the first', () => {
  const read = fromImportItem(older);
  expect(hasGotOn(read)).toBe(true);
  const plan = {
    name: 'x/plan.json',
    transactionTime: '2026-04-16T09:44:11.000Z',
    files: 2,
    digest: 'c1',
    warnings: 0,
  };
  expect(planFiles(read, plan)).toMatchObject({
    state: 'FILES',
    cursor: firstCursor,
    segments: [],
    plan: { digest: 'c1' },
  });
});

test('A55: what a later version added to an item stays, at whatever state', () => {
  expect(toImportItem(fromImportItem(newer))).toEqual(newer);
  expect(isOfLaterVersion(fromImportItem(newer))).toBe(true);
  expect(isOfLaterVersion(fromImportItem(older))).toBe(false);
});

test('an import that an older version has tidied up is over for good', () => {
  const { due: _due, open: _open, leaseToken: _token, leaseUntil: _until, ...rest } = older;
  expect(isTidy(fromImportItem({ ...rest, state: 'FAILED', ended: older['due'] }))).toBe(true);
});
