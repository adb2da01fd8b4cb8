import { expect, test } from 'vitest';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { parseManifest } from '../../functions/episodes/manifest.ts';
import { readCurrentDataSet, writeStoredManifest } from '../../functions/imports/stored-manifest.ts';
import { sampleExtension, sampleImport, sampleImportId } from '../support/sample-import.ts';

const segment = (number: number) => ({
  name: `imports/${sampleImportId}/000${number}-a.ndjson.gz`,
  bytes: 10,
  sha256: 'a'.repeat(64),
  count: 2,
  plainBytes: 99,
});
const plan = { name: 'x', transactionTime: '2026-04-16T09:44:11.000Z', files: 7, warnings: 1 };
const text = writeStoredManifest(sampleImport({ plan, segments: [segment(1), segment(2)] }), sampleExtension);

test('what an import has stored is read as a data set, with its counts and digests', () => {
  expect(parseManifest(Buffer.from(text), defaultLimits)).toEqual({
    transactionTime: plan.transactionTime,
    files: [segment(1), segment(2)].map(({ plainBytes: _plain, ...file }) => file),
  });
});

test('the import knows its own data set again', () => {
  const current = readCurrentDataSet(text);
  expect([current.isOf(sampleImportId), current.isOf('another')]).toEqual([true, false]);
  expect(current.transactionTime).toBe(plan.transactionTime);
  expect([...current.names]).toEqual([segment(1).name, segment(2).name]);
  expect([...current.imports]).toEqual([sampleImportId]);
});

test('a data set that was loaded by hand is of no import', () => {
  const byHand = JSON.stringify({ output: [{ url: 'imports.ndjson' }, { url: 'old/imports/a/1.ndjson' }] });
  expect([...readCurrentDataSet(byHand).imports]).toEqual([]);
});

test.each([undefined, '', '{', '[]', '{"output":7}'])(
  'a manifest that cannot be read (%j) is a data set of nothing',
  (damaged) => {
    const current = readCurrentDataSet(damaged);
    expect([current.names.size, current.cutOff, current.isOf(sampleImportId)]).toEqual([0, undefined, false]);
  },
);
