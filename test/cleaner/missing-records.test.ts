import { expect, test } from 'vitest';
import { contentKey } from '../../functions/binaries/binary.ts';
import { createMissingRecords } from '../../functions/cleaner/missing-records.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';

const binaryId = sampleBinaryId();
const found = (version = 1) => ({
  tenantId: demoTenant,
  stored: { binaryId, keys: [contentKey(demoTenant, binaryId, version, 'x')] },
});
const note = (count: number) => {
  const missing = createMissingRecords();
  for (let n = 0; n < count; n += 1) missing.note(found());
  return missing;
};

test('no more than 10 000 are remembered, and all are counted', () => {
  const missing = note(10_001);
  expect([missing.remembered().length, missing.count(), missing.lost()]).toEqual([10_000, 10_001, 0]);
});

test('more than twenty that are more than half of all are doubtful', () => {
  expect(note(20).areDoubtful(20)).toBe(false);
  expect(note(21).areDoubtful(42)).toBe(false);
  expect(note(21).areDoubtful(41)).toBe(true);
});

test.each([2, 3, 10, 11])('a single one with a version %i is doubtful: it had a record', (version) => {
  const missing = createMissingRecords();
  missing.note(found(version));
  expect([missing.lost(), missing.areDoubtful(1000)]).toEqual([1, true]);
});
