import { afterEach, expect, test } from 'vitest';
import { episodeFile, type ImportBench, startImportBench, yesterdays } from '../support/import-bench.ts';

let bench: ImportBench;
afterEach(() => bench.server.stop());

const files = Array.from({ length: 4 }, (_, index) => episodeFile(index + 1, 1));
const start = async (pages: number) => {
  bench = await startImportBench({ files, pageSize: 1 }, { limits: { pages } });
  bench.putYesterdays();
};

test('a manifest of more pages than it may have is not read on', async () => {
  await start(3);
  const over = await bench.run();
  expect(over.failure).toEqual({ code: 'TOO_LARGE', cause: 'The manifest has more than 3 pages.' });
  const asked = bench.server.requests.filter((one) => one === 'GET /fhir/$export-poll-status');
  expect(asked).toHaveLength(3 + bench.server.polls);
  expect(bench.read()).toEqual(yesterdays);
});

test('a manifest of as many pages as it may have is read to its end', async () => {
  await start(4);
  expect((await bench.run()).state).toBe('DONE');
  expect(bench.read()?.text).toBe(Buffer.concat(files).toString());
});
