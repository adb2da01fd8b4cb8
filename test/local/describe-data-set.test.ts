import { expect, test } from 'vitest';
import { writeStoredManifest } from '../../functions/imports/stored-manifest.ts';
import { describeDataSet } from '../../local/describe-data-set.ts';
import { sampleExtension, sampleImport } from '../support/sample-import.ts';
import { sampleTime } from '../support/sample-job.ts';

const plan = { name: 'x', transactionTime: '2026-04-16T09:44:11.919Z', files: 20, warnings: 0 };
const segment = { name: 'imports/a/1.ndjson.gz', bytes: 1, sha256: '', count: 500, plainBytes: 9 };
const done = sampleImport({ state: 'DONE', plan, segments: [segment] });

test('the data set in use is told by its cut-off, its age, and the import that it comes from', () => {
  expect(describeDataSet(writeStoredManifest(done, sampleExtension), done, sampleTime + 3_600_000)).toBe(
    'data set in use: cut off at 2026-04-16T09:44:11.919Z, 3 h old, files: 1, of the import begun 2026-04-16T11:44:11Z',
  );
});

test('one of an earlier import, or of none that is known, says so', () => {
  const before = { importId: done.importId, state: 'DONE', begun: sampleTime - 86_400_000, ended: sampleTime } as const;
  const failed = sampleImport({
    importId: '01963e5f-5a2f-7abc-8def-0000000000bb',
    state: 'FAILED',
    previous: [before],
  });
  expect(describeDataSet(writeStoredManifest(done, sampleExtension), failed, sampleTime)).toContain(
    'begun 2026-04-15T11:44:11Z',
  );
  expect(describeDataSet(writeStoredManifest(done, sampleExtension), undefined, sampleTime)).toContain(
    'loaded by hand',
  );
});

test('a cut-off that is to come by more than an hour is told in place of an age', () => {
  const cutOff = Date.parse(plan.transactionTime);
  expect(describeDataSet(writeStoredManifest(done, sampleExtension), done, cutOff - 60 * 60_000)).toContain(
    ', 0 s old, ',
  );
  expect(describeDataSet(writeStoredManifest(done, sampleExtension), done, cutOff - 60 * 60_000 - 1)).toContain(
    'cut off at 2026-04-16T09:44:11.919Z, which is in the future, so reports fail, files: 1, of the import',
  );
});

test('none, and one without a cut-off, are told too', () => {
  expect(describeDataSet(undefined, undefined, 0)).toContain('none');
  expect(describeDataSet('{', undefined, 0)).toContain('no cut-off');
});
