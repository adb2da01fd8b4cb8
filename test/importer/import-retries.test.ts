import { afterEach, expect, test } from 'vitest';
import type { ExportServerOptions } from '../../local/export-server.ts';
import { always, atFirst, body, status } from '../support/export-faults.ts';
import { digestOf, episodeFile, type ImportBench, startImportBench } from '../support/import-bench.ts';

let bench: ImportBench;
const files = [episodeFile(1, 10), episodeFile(11, 10)];
const start = async (exported: Partial<ExportServerOptions> = {}) => {
  bench = await startImportBench({ files, counts: [10, 10], ...exported });
  bench.putYesterdays();
  return bench;
};
afterEach(() => bench.server.stop());

const poll = /poll-status$/;
const anyFile = /\/files\/\d+$/;

/** The words that an operator saw, in order, each once. */
const words = (): readonly string[] => [
  ...new Set(bench.log.of('IMPORT_STEP_FAILED').map(({ errorCode, problem }) => `${errorCode}: ${problem}`)),
];
const expectDataSet = (expected: readonly Buffer[]) =>
  expect(digestOf(bench.read()?.text ?? '')).toBe(digestOf(Buffer.concat(expected)));

test('links asked for anew, with the files in another order: each file is read once', async () => {
  const { server } = await start();
  const { transactionTime } = server;
  const base = server.baseUrl.replace(/fhir$/, 'files');
  const output = [1, 0].map((index) => ({ type: 'EpisodeOfCare', url: `${base}/${index}`, count: 10 }));
  const swapped = body(JSON.stringify({ transactionTime, requiresAccessToken: true, output }), 'application/json');
  const expired = atFirst(/\/files\/1$/, 1, (response) => {
    server.intercept = always(poll, swapped);
    status(403)(response);
  });
  server.intercept = expired;
  expect((await bench.run()).state).toBe('DONE');
  expectDataSet(files.toReversed());
});

test('links may run out again and again, as long as each time a file more could be read', async () => {
  const many = Array.from({ length: 8 }, (_, index) => episodeFile(index * 5 + 1, 5));
  const { server } = await start({ files: many, counts: many.map(() => 5), requiresAccessToken: false });
  let read = 0;
  server.intercept = (path, _request, response) => {
    if (poll.test(path)) read = 0;
    if (!anyFile.test(path) || ++read < 2) return false;
    status(403)(response);
    return true;
  };
  expect(await bench.run()).toMatchObject({ state: 'DONE', restarts: 0 });
  expect(words()).toHaveLength(7);
  expectDataSet(many);
});

test('where another data set was made current in the same moment, it is tried again, and done if that one is older', async () => {
  await start();
  const { files: store } = bench.dependencies;
  const manifest = { transactionTime: '2026-04-15T02:00:00.000Z', output: [] };
  let tries = 0;
  const publish: typeof store.publish = async (tenant, text, seen) => {
    if (tries++ === 0) await store.publish(tenant, JSON.stringify(manifest), seen);
    return store.publish(tenant, text, seen);
  };
  bench.dependencies = { ...bench.dependencies, files: { ...store, publish } };
  expect((await bench.run()).state).toBe('DONE');
  expect(words()).toEqual(['DATA_SET_CHANGED: Another data set was made current in the same moment.']);
  expect(tries).toBe(2);
  expectDataSet(files);
});

test('where another data set was made current in the same moment, that one stays if it is newer', async () => {
  await start();
  const { files: store } = bench.dependencies;
  const newer = { transactionTime: new Date(bench.clock.now() + 60_000).toISOString(), text: '' };
  const publish: typeof store.publish = async (tenant, text, seen) => {
    const manifest = JSON.stringify({ transactionTime: newer.transactionTime, output: [] });
    await store.publish(tenant, manifest, seen);
    return store.publish(tenant, text, seen);
  };
  bench.dependencies = { ...bench.dependencies, files: { ...store, publish } };
  expect((await bench.run()).failure?.code).toBe('DATA_SET_NEWER');
  expect(words()[0]).toBe('DATA_SET_CHANGED: Another data set was made current in the same moment.');
  expect(bench.read()).toEqual(newer);
});
