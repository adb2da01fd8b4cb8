import { afterEach, beforeEach, expect, test } from 'vitest';
import { episodeFile, type ImportBench, startImportBench } from '../support/import-bench.ts';

let bench: ImportBench;
beforeEach(async () => {
  bench = await startImportBench({ files: [file] });
  bench.putYesterdays();
});
afterEach(() => bench.server.stop());

const file = episodeFile(1, 3);
const byHand = (transactionTime: string) =>
  JSON.stringify({ transactionTime, output: [{ type: 'EpisodeOfCare', url: 'by-hand.ndjson' }] });

/** Somebody loads a data set between the last look at the manifest in use and the import's own. */
const loadInBetween = (transactionTime: string) => {
  const { files } = bench.dependencies;
  let isLoaded = false;
  const publish: typeof files.publish = (...call) => {
    if (!isLoaded) bench.files.stored.set('demo/manifest.json', Buffer.from(byHand(transactionTime)));
    isLoaded = true;
    return files.publish(...call);
  };
  bench.dependencies = { ...bench.dependencies, files: { ...files, publish } };
};
const words = () => bench.log.of('IMPORT_STEP_FAILED').map(({ errorCode, problem }) => `${errorCode}: ${problem}`);
const changed = 'DATA_SET_CHANGED: Another data set was made current in the same moment.';

test('a data set that was loaded in the same moment, and is older, is replaced by the next attempt', async () => {
  loadInBetween('2026-04-15T02:00:00Z');
  expect((await bench.run()).state).toBe('DONE');
  expect(words()).toEqual([changed]);
  expect(bench.read()?.text).toBe(file.toString());
});

test('a data set that was loaded in the same moment, and is newer, stays', async () => {
  loadInBetween('2027-01-01T00:00:00Z');
  const over = await bench.run();
  expect(over.failure?.code).toBe('DATA_SET_NEWER');
  expect(words()[0]).toBe(changed);
  expect(bench.files.stored.get('demo/manifest.json')?.toString()).toBe(byHand('2027-01-01T00:00:00Z'));
});
