import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { type Import, isTidy } from '../../functions/imports/import.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { status } from '../support/export-faults.ts';
import { episodeFile, type ImportBench, startImportBench } from '../support/import-bench.ts';

let bench: ImportBench;
afterEach(() => bench.server.stop());

const file = episodeFile(1, 3);
const minute = 60_000;

/** A server that does not forget its exports: this often it answers so, and then as it should. */
const start = async (code: number, times: number) => {
  bench = await startImportBench({ files: [file] });
  let left = times;
  bench.server.intercept = (_path: string, request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'DELETE' || left === 0) return false;
    left -= 1;
    status(code)(response);
    return true;
  };
};
const deletions = () => bench.server.requests.filter((one) => one.startsWith('DELETE')).length;

test('a server that cannot forget the export now is asked again', async () => {
  await start(503, 3);
  expect((await bench.run()).due).toBeUndefined();
  expect(deletions()).toBe(4);
  expect(bench.log.of('IMPORT_NOT_TIDIED')).toEqual([]);
});

test.each([
  [503, 5, 'EXPORT_UNAVAILABLE', 'The removal of the export: the server answered 503.'],
  [403, 1, 'EXPORT_REFUSED', 'The server did not remove the export.'],
])(
  'a server that never forgets the export (%i) is asked %i times; the import is done all the same',
  async (code, times, errorCode, problem) => {
    await start(code, Number.POSITIVE_INFINITY);
    const over = await bench.run();
    // In a quarter of an hour somebody looks whether something is left in the bucket, and no more at the server.
    expect([over.state, over.due, over.statusUrl]).toEqual(['DONE', bench.clock.now() + 15 * minute, undefined]);
    expect(deletions()).toBe(times);
    expect(bench.log.of('IMPORT_NOT_TIDIED')).toMatchObject([{ tenant: 'demo', errorCode, problem }]);
    expect(bench.read()?.text).toBe(file.toString());
    // The next may begin.
    expect((await bench.begin()).kind).toBe('begun');
  },
);

test('what S3 does not remove is tried again every hour, which keeps nobody from importing', async () => {
  await start(503, 0);
  bench.imports.put({ ...(await bench.run()), due: bench.clock.now() });
  const { files } = bench.dependencies;
  const removeImport = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 's3' }));
  const held = async () => (await bench.imports.read(bench.tenant.id)) as Import;
  const look = async (hours: number) => {
    const end = bench.clock.now() + hours * 60 * minute;
    for (; bench.clock.now() < end; bench.clock.advance(15 * minute)) {
      await bench.step();
      expect(isTidy(await held())).toBe(true);
    }
  };
  bench.dependencies = { ...bench.dependencies, files: { ...files, removeImport } };
  await look(5);
  const { length } = bench.log.of('IMPORT_NOT_TIDIED');
  expect(length).toBe(3);
  expect(bench.log.of('IMPORT_NOT_TIDIED')).toMatchObject(Array(length).fill({ errorCode: 'DEPENDENCY' }));
  bench.dependencies = { ...bench.dependencies, files };
  await look(2);
  expect((await held()).due).toBeUndefined();
});
