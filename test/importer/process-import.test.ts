import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImporterHandler } from '../../functions/importer/create-importer-handler.ts';
import type { DataSetFiles } from '../../functions/imports/data-set-files.ts';
import type { Import } from '../../functions/imports/import.ts';
import { fromImportItem } from '../../functions/imports/import-item.ts';
import { writeImportMessage } from '../../functions/imports/import-message.ts';
import { callOffImport } from '../../local/call-off-import.ts';
import { body, breakAfter } from '../support/export-faults.ts';
import { digestOf, episodeFile, type ImportBench, startImportBench } from '../support/import-bench.ts';
import { readFixture } from '../support/read-fixture.ts';

let bench: ImportBench;
afterEach(() => bench.server.stop());

const minute = 60_000;
const functionMillis = 5 * minute;
const context = { getRemainingTimeInMillis: () => functionMillis };

/** The import's message once more, to another importer: what the queue may do at any time. */
const deliverAgain = async () => {
  const { tenantId, importId } = (await bench.imports.read(bench.tenant.id)) as Import;
  const body = writeImportMessage({ tenantId, importId });
  await createImporterHandler(bench.dependencies)({ Records: [{ messageId: 'again', body }] }, context);
};
const lost = () => [bench.log.of('IMPORT_LOST').length, bench.log.of('IMPORT_NOT_CLAIMED').length];

test('an import is held while its export is asked for page after page, however slowly those come', async () => {
  const files = Array.from({ length: 8 }, (_, index) => episodeFile(index + 1, 1));
  bench = await startImportBench({ files, polls: 0, pageSize: 1 });
  let pages = 0;
  bench.server.intercept = async (path) => {
    if (!path.endsWith('poll-status')) return false;
    bench.clock.advance(25_000);
    pages += 1;
    if (pages === 7) await deliverAgain();
    return false;
  };
  expect((await bench.run()).state).toBe('DONE');
  expect(lost()).toEqual([0, 1]);
});

test('an import is held while what is stored already is read again, however slowly that comes', async () => {
  const parts = Array.from({ length: 12 }, (_, index) => episodeFile(1 + index * 20, 20, 'x'.repeat(1000)));
  const whole = Buffer.concat(parts);
  bench = await startImportBench({ files: [whole] });
  let asked = 0;
  const sendSlowly = async (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/fhir+ndjson' });
    for (const [index, part] of parts.entries()) {
      await new Promise<void>((resolve) => void response.write(part, () => resolve()));
      bench.clock.advance(20_000);
      if (index === 8) await deliverAgain();
    }
    response.end();
  };
  bench.server.intercept = async (path, request, response) => {
    if (!path.endsWith('/files/0')) return false;
    asked += 1;
    if (asked === 1) breakAfter(whole, whole.length - 500)(response);
    else if (request.headers['accept-encoding'] === 'identity') body('')(response);
    else await sendSlowly(response);
    return true;
  };
  expect((await bench.run()).state).toBe('DONE');
  expect(asked).toBe(3);
  expect(lost()).toEqual([0, 1]);
  expect(digestOf(bench.read()?.text ?? '')).toBe(digestOf(whole));
});

test('an import whose importer died is taken over as soon as its function can no longer run, and not before', async () => {
  bench = await startImportBench({ files: [episodeFile(1, 1)], polls: 0 });
  await bench.begin();
  await bench.step();
  bench.clock.advance(1_000);
  const { files } = bench.dependencies;
  const put: DataSetFiles['put'] = () => new Promise(() => undefined);
  bench.dependencies = { ...bench.dependencies, files: { ...files, put } };
  // Never comes back, as a function that is killed does not.
  void bench.step();
  while ((await bench.imports.read(bench.tenant.id))?.lease === undefined) await Promise.resolve();
  bench.dependencies = { ...bench.dependencies, files };
  bench.clock.advance(functionMillis);
  await deliverAgain();
  expect(bench.log.of('IMPORT_CLAIMED')).toHaveLength(2);
  bench.clock.advance(5_000);
  await bench.step();
  expect(bench.log.of('IMPORT_CLAIMED')).toHaveLength(3);
  expect(bench.log.of('IMPORT_DONE')).toHaveLength(1);
});

describe('A55: an import in a state of a later version', () => {
  const newer = fromImportItem(readFixture('import-items/newer.json'));
  const held = async () => (await bench.imports.read(bench.tenant.id)) as Import;
  const stepUntil = async (moment: number) => {
    for (; bench.clock.now() < moment; bench.clock.advance(15 * minute)) await bench.step();
  };
  beforeEach(async () => {
    bench = await startImportBench({ files: [episodeFile(1, 1)] });
    bench.putYesterdays();
  });

  test('is neither worked on nor ended before its deadline, and queued for the version that knows it', async () => {
    bench.imports.put(newer);
    await stepUntil(newer.deadline);
    expect(await held()).toEqual(newer);
    expect(bench.log.of('IMPORT_NOT_CLAIMED')).toHaveLength(23);
    expect(bench.log.of('IMPORT_NOT_CLAIMED')[0]).toMatchObject({ state: 'VERIFYING' });
    expect(bench.server.requests).toEqual([]);
  });

  test('is ended at its deadline as any other, so that the next can begin', async () => {
    bench.imports.put(newer);
    await stepUntil(newer.deadline + 1);
    expect(await held()).toMatchObject({ state: 'FAILED', failure: { code: 'DEADLINE_PASSED' } });
    expect((await held()).failure?.cause).toContain('it was at VERIFYING');
    await stepUntil(bench.clock.now() + 30 * minute);
    expect((await bench.begin()).kind).toBe('begun');
  });

  test('is not ended where that version has ended it; after its deadline it is tidied up', async () => {
    const ended = { ...newer, ended: newer.begun + minute };
    bench.imports.put(ended);
    await stepUntil(newer.deadline);
    expect(await held()).toEqual(ended);
    expect((await bench.begin()).kind).toBe('busy');
    await bench.step();
    expect(await held()).toMatchObject({ state: 'VERIFYING', tidied: true });
    expect((await bench.begin()).kind).toBe('begun');
  });

  test('is called off by an operator all the same', async () => {
    bench.imports.put(newer);
    expect(await callOffImport(bench.dependencies, bench.tenant.id)).toBe('called-off');
    expect(await held()).toMatchObject({ state: 'CANCELLED', verifiedBy: { kind: 'checksum' } });
  });
});
