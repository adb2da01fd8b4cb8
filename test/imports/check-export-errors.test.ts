import { afterEach, describe, expect, test } from 'vitest';
import { always, atFirst, body, breakAfter, status } from '../support/export-faults.ts';
import {
  type BenchOptions,
  episodeFile,
  type ImportBench,
  startImportBench,
  yesterdays,
} from '../support/import-bench.ts';

let bench: ImportBench;
afterEach(() => bench.server.stop());

const issueOf = (severity: string) =>
  `${JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity, code: 'exception' }] })}\n`;
const files = [episodeFile(1, 3)];
const report = /error-0$/;
const missing = 'EXPORT_HAS_ERRORS: The export reported errors, so episodes may be missing: error/exception.';

const start = async (exported: Parameters<typeof startImportBench>[0], limits: BenchOptions['limits'] = {}) => {
  bench = await startImportBench(
    { files, errors: [issueOf('warning') + issueOf('information')], ...exported },
    { limits },
  );
  bench.putYesterdays();
  return bench.server;
};
const failureOf = async () => {
  const { failure } = await bench.run();
  expect(bench.read()).toEqual(yesterdays);
  return `${failure?.code}: ${failure?.cause}`;
};

describe('what an export reports of its errors', () => {
  test.each([
    ['NDJSON', {}],
    ['NDJSON in gzip', { isGzip: true }],
    ["a FHIR Binary, as FUT's server has it", { form: 'binary' }],
    ['a link that is good by itself', { requiresAccessToken: false }],
  ] as const)('is read in every form that files have: %s', async (_name, form) => {
    await start(form);
    expect((await bench.run()).state).toBe('DONE');
    expect(bench.log.of('IMPORT_DONE')).toMatchObject([{ warnings: 1 }]);
    await bench.server.stop();
    await start({ ...form, errors: [issueOf('warning'), issueOf('error')] });
    expect(await failureOf()).toBe(missing);
  });

  test.each([
    ['is not to be had for a while: 503', status(503), 'EXPORT_UNAVAILABLE', 'The server answered 503 for it.'],
    ['is asked for too often: 429', status(429), 'EXPORT_UNAVAILABLE', 'The server answered 429 for it.'],
    ['has a link that has run out', status(403), 'FILE_GONE', 'The server answered 403 for it.'],
    [
      'breaks off',
      breakAfter(Buffer.from(issueOf('warning')), 20),
      'EXPORT_UNAVAILABLE',
      'The connection broke off amid an answer.',
    ],
  ] as const)('is asked for again where it %s', async (_name, fault, code, cause) => {
    const server = await start({});
    server.intercept = atFirst(report, 2, fault);
    expect((await bench.run()).state).toBe('DONE');
    expect(bench.log.of('IMPORT_STEP_FAILED')[0]).toMatchObject({
      errorCode: code,
      problem: `File 1 of 1 of the export's errors: ${cause}`,
    });
  });

  test.each([
    ['is never to be had', status(404), 'FILE_GONE', 'The server answered 404 for it.'],
    ['is refused', status(418), 'EXPORT_REFUSED', 'The server answered 418 for it.'],
    [
      'is a Binary of nothing',
      body('{"resourceType":"Binary"}', 'application/fhir+json'),
      'FILE_UNUSABLE',
      'A Binary has no data.',
    ],
    ['has no end', body(issueOf('warning').repeat(20)), 'TOO_LARGE', 'it has more than 1000 bytes.'],
  ] as const)('keeps the export from being used where it %s', async (_name, fault, code, cause) => {
    const server = await start({}, { errorBytes: 1000 });
    server.intercept = always(report, fault);
    expect(await failureOf()).toBe(`${code}: File 1 of 1 of the export's errors: ${cause}`);
  });

  test('keeps it from being used where it is in more files than are read', async () => {
    await start({ errors: [issueOf('warning'), issueOf('warning')] }, { errorFiles: 1 });
    expect(await failureOf()).toBe(
      'EXPORT_HAS_ERRORS: The export reported errors, so episodes may be missing: 2 files of them.',
    );
  });
});
