import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpsExchange, type OpenExchange } from '../../functions/imports/https-exchange.ts';
import type { ExportServer, ExportServerOptions, Interception } from '../../local/export-server.ts';
import { always, atFirst, body, bomb, breakAfter, redirect, status } from '../support/export-faults.ts';
import {
  type BenchOptions,
  digestOf,
  episodeFile,
  episodeLine,
  type ImportBench,
  startImportBench,
  yesterdays,
} from '../support/import-bench.ts';
import { registryOf } from '../support/sample-tenant.ts';

let bench: ImportBench;
const start = async (exported: Partial<ExportServerOptions> = {}, options?: BenchOptions) => {
  bench = await startImportBench({ files, counts, ...exported }, options);
  bench.putYesterdays();
  return bench;
};
afterEach(() => bench.server.stop());

const files = [episodeFile(1, 40, 'x'.repeat(500)), episodeFile(41, 60, 'y'.repeat(500))];
const counts = [40, 60];
const whole = Buffer.concat(files);
const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = files;

const kickOff = /\/\$export$/;
const poll = /poll-status$/;
const token = /^\/token$/;
const anyFile = /\/(files|Binary)\/\d+$/;
const fileTwo = /\/(files|Binary)\/1$/;

/** The words that an operator saw, in order, each once. */
const words = (): readonly string[] => [
  ...new Set(bench.log.of('IMPORT_STEP_FAILED').map(({ errorCode, problem }) => `${errorCode}: ${problem}`)),
];
const failure = () => bench.log.of('IMPORT_FAILED')[0];

/** All is there, and nothing twice. */
const expectNewDataSet = () => expect(digestOf(bench.read()?.text ?? '')).toBe(digestOf(whole));

type Fault = (server: ExportServer) => Interception;

describe('an import is done in the end, after', () => {
  test.each<[string, string, Fault, Partial<ExportServerOptions>]>([
    [
      'an order that is answered 503',
      'EXPORT_UNAVAILABLE: The order for an export: the server answered 503.',
      () => atFirst(kickOff, 2, status(503)),
      {},
    ],
    [
      'too many exports at a time: 429 with Retry-After',
      'EXPORT_UNAVAILABLE: The order for an export: the server answered 429 with an OperationOutcome (error/throttled).',
      () => atFirst(kickOff, 1, status(429, 'throttled', { 'retry-after': '90' })),
      {},
    ],
    [
      'a status of 500 that is transient',
      'EXPORT_UNAVAILABLE: The status of the export: the server answered 500 with an OperationOutcome (error/transient).',
      () => atFirst(poll, 1, status(500, 'transient')),
      {},
    ],
    [
      'an export that the server has forgotten',
      'EXPORT_GONE: The status of the export: the server answered 404 with an OperationOutcome (error/not-found).',
      () => atFirst(poll, 1, status(404, 'not-found')),
      {},
    ],
    [
      'a token endpoint that is down',
      'EXPORT_UNAVAILABLE: The token endpoint answered 502.',
      () => atFirst(token, 1, status(502)),
      {},
    ],
    [
      'a file that breaks off again and again',
      'EXPORT_UNAVAILABLE: File 2 of 2: The connection broke off amid an answer.',
      () => atFirst(fileTwo, 3, breakAfter(second, 9_000)),
      {},
    ],
    [
      'a file that breaks off, from a server that knows no Range',
      'EXPORT_UNAVAILABLE: File 1 of 2: The connection broke off amid an answer.',
      () => atFirst(anyFile, 1, breakAfter(first, 9_000)),
      { isGzip: true },
    ],
    [
      'a Binary that is cut off',
      'FILE_INCOMPLETE: File 1 of 2: A Binary is cut off.',
      () => atFirst(anyFile, 1, body('{"resourceType":"Binary","data":"eyJ', 'application/fhir+json')),
      { form: 'binary' },
    ],
    [
      'a gzip stream that is cut off',
      'FILE_INCOMPLETE: File 1 of 2: A gzip stream is cut off or damaged.',
      () =>
        atFirst(
          anyFile,
          1,
          body(gzipSync(first).subarray(0, 200), 'application/fhir+ndjson', { 'content-encoding': 'gzip' }),
        ),
      {},
    ],
    [
      'a file of fewer lines than the manifest says',
      'FILE_MISCOUNTED: File 1 of 2: it has 39 lines, while the manifest gives a count of 40.',
      () => atFirst(anyFile, 1, body(episodeFile(1, 39, 'x'.repeat(500)))),
      {},
    ],
    [
      'a link that has run out',
      'FILE_GONE: File 2 of 2: The server answered 403 for it.',
      () => atFirst(fileTwo, 1, status(403)),
      { requiresAccessToken: false },
    ],
    [
      'a file that is 429 for a while',
      'EXPORT_UNAVAILABLE: File 1 of 2: The server answered 429 for it.',
      () => atFirst(anyFile, 3, status(429)),
      {},
    ],
    [
      'a file that the server redirects to its store',
      '',
      ({ baseUrl }) => atFirst(fileTwo, 1, redirect(`${baseUrl.replace(/fhir$/, 'files')}/1`)),
      {},
    ],
  ])('%s', async (_name, expected, fault, exported) => {
    const { server } = await start(exported);
    server.intercept = fault(server);
    const over = await bench.run();
    expect(over.state).toBe('DONE');
    if (expected !== '') expect(words()).toContain(expected);
    expectNewDataSet();
  });

  test('a token that the server no longer takes, although its time is not over', async () => {
    const { server } = await start({ polls: 2 });
    server.intercept = atFirst(poll, 1, status(401, 'login'));
    expect((await bench.run()).state).toBe('DONE');
    expect(words()).toEqual([]);
    expectNewDataSet();
  });
});

describe('an import fails, the data set in use stays, and the operator is told why, after', () => {
  const outcome = (severity: string) =>
    JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity, code: 'exception' }] });
  test.each<[string, string, Fault, Partial<ExportServerOptions>]>([
    [
      'an order that is refused',
      'EXPORT_REFUSED: The order for an export: the server answered 403 with an OperationOutcome (error/forbidden).',
      () => always(kickOff, status(403, 'forbidden')),
      {},
    ],
    [
      'an order that is answered at once',
      'EXPORT_REFUSED: The order for an export: the server answered 200.',
      () => always(kickOff, status(200)),
      {},
    ],
    [
      'an order without a Content-Location',
      'EXPORT_REFUSED: The order for an export: the server answered 202 without a usable Content-Location.',
      () => always(kickOff, status(202)),
      {},
    ],
    [
      'a server that is down',
      'ATTEMPTS_EXHAUSTED: 4 attempts in a row got nowhere; the last problem was EXPORT_UNAVAILABLE: The order for an export: the server answered 503.',
      () => always(kickOff, status(503)),
      {},
    ],
    [
      'a client that is not let in',
      'ATTEMPTS_EXHAUSTED: 4 attempts in a row got nowhere; the last problem was SIGN_IN_REFUSED: The token endpoint answered 401.',
      () => always(token, status(401)),
      {},
    ],
    [
      'an export that the server gives up',
      'EXPORT_REFUSED: The status of the export: the server answered 500 with an OperationOutcome (error/processing).',
      () => always(poll, status(500, 'processing')),
      {},
    ],
    [
      'an export that is forgotten each time',
      'EXPORT_GONE: The status of the export: the server answered 410.',
      () => always(poll, status(410)),
      {},
    ],
    [
      'a manifest that is none',
      'MANIFEST_UNUSABLE: The manifest of the export: the whole is missing or not usable.',
      () => always(poll, body('<html>', 'text/html')),
      {},
    ],
    [
      'an export of a time that is to come',
      'MANIFEST_UNUSABLE: The manifest of the export: transactionTime is in the future.',
      () => () => false,
      { transactionTime: '2099-01-01T00:00:00Z' },
    ],
    [
      'a manifest without requiresAccessToken',
      'MANIFEST_UNUSABLE: The manifest of the export: requiresAccessToken is missing or not usable.',
      () => always(poll, body('{"transactionTime":"2026-04-16T00:00:00Z","output":[]}', 'application/json')),
      {},
    ],
    [
      'an export without an episode',
      'EXPORT_EMPTY: There is no episode in the export.',
      () => () => false,
      { files: [], counts: [] },
    ],
    [
      'an export that reports errors',
      'EXPORT_HAS_ERRORS: The export reported errors, so episodes may be missing: error/exception.',
      () => () => false,
      { errors: [outcome('error')] },
    ],
    [
      'a report of errors that is none',
      'EXPORT_HAS_ERRORS: The export reported errors, so episodes may be missing: one is not an OperationOutcome.',
      () => () => false,
      { errors: ['planted'] },
    ],
    [
      'a page of HTML in place of a file',
      'FILE_UNUSABLE: File 2 of 2: a line is not a JSON object.',
      () => always(fileTwo, body('<html>\n<p>planted</p>\n', 'text/html')),
      {},
    ],
    [
      'an OperationOutcome in place of a file',
      'FILE_UNUSABLE: File 2 of 2: A file is JSON, but no Binary.',
      () => always(fileTwo, body(outcome('error'), 'application/fhir+json')),
      {},
    ],
    [
      'a file of other resources',
      'FILE_UNUSABLE: File 2 of 2: the first line is not an EpisodeOfCare in JSON.',
      () => always(fileTwo, body('{"resourceType":"Patient"}\n')),
      {},
    ],
    [
      'a Binary whose data is no base64',
      'FILE_UNUSABLE: File 2 of 2: The data of a Binary is not base64.',
      () => always(fileTwo, body('{"resourceType":"Binary","data":"%%%%"}', 'application/fhir+json')),
      {},
    ],
    [
      'a file with a content coding that was not asked for',
      'FILE_UNUSABLE: File 2 of 2: An answer has a content coding that was not asked for.',
      () => always(fileTwo, body('x', 'application/fhir+ndjson', { 'content-encoding': 'br' })),
      {},
    ],
    [
      'a file that never has the lines that the manifest gives',
      'FILE_MISCOUNTED: File 2 of 2: it has 1 lines, while the manifest gives a count of 60.',
      () => always(fileTwo, body(episodeLine(9))),
      {},
    ],
    [
      'a link that is dead each time',
      'FILE_GONE: File 2 of 2: The server answered 404 for it.',
      () => always(fileTwo, status(404)),
      {},
    ],
    [
      'a line that has no end',
      'TOO_LARGE: File 2 of 2: a line is longer than 5000 bytes.',
      () => always(fileTwo, body(`{"resourceType":"${'x'.repeat(9000)}`)),
      {},
    ],
    [
      'a decompression bomb as content coding',
      'FILE_INFLATES: File 2 of 2: A file unpacks to more than 200 times its size.',
      () => always(fileTwo, body(bomb(20), 'application/fhir+ndjson', { 'content-encoding': 'gzip' })),
      {},
    ],
    [
      'a decompression bomb as the file itself',
      'FILE_INFLATES: File 2 of 2: A file unpacks to more than 200 times its size.',
      () => always(fileTwo, body(bomb(20))),
      {},
    ],
  ])('%s', async (name, expected, fault, exported) => {
    const lineBytes = name.includes('bomb') ? 16 * 1024 * 1024 : 5_000;
    const { server } = await start(exported, { limits: { lineBytes } });
    server.intercept = fault(server);
    const over = await bench.run();
    expect(over.state).toBe('FAILED');
    expect(`${over.failure?.code}: ${over.failure?.cause}`).toBe(expected);
    expect(failure()).toMatchObject({
      tenant: 'demo',
      errorCode: over.failure?.code,
      problem: over.failure?.cause,
      dataCutOff: yesterdays.transactionTime,
    });
    expect(bench.read()).toEqual(yesterdays);
  });

  test('warnings of the export, which do not keep it from being used', async () => {
    await start({ errors: [`${outcome('warning')}\n${outcome('information')}\n`] });
    expect((await bench.run()).state).toBe('DONE');
    expect(bench.log.of('IMPORT_DONE')).toMatchObject([{ warnings: 1 }]);
    expectNewDataSet();
  });

  test('an export that never ends, by its deadline', async () => {
    await start({ polls: 1_000_000, retryAfter: '600' });
    const over = await bench.run();
    expect(over.failure).toEqual({
      code: 'DEADLINE_PASSED',
      cause: 'The import did not end before its deadline; it was at POLLING',
    });
    expect(over.ended ?? 0).toBeLessThanOrEqual(over.deadline + 600_000);
    expect(bench.read()).toEqual(yesterdays);
    expect(bench.server.requests.at(-1)).toBe('DELETE /fhir/$export-poll-status');
  });

  test('a data set that is newer than the export', async () => {
    await start({ transactionTime: '2026-04-14T00:00:00Z' });
    const over = await bench.run();
    expect(over.failure?.cause).toBe(
      'The data set in use was cut off at 2026-04-15T01:00:00.000Z, after this export (2026-04-14T00:00:00Z).',
    );
    expect(bench.read()).toEqual(yesterdays);
  });

  test('more files than it may have, before the pages are asked for that are not needed to know it', async () => {
    const many = Array.from({ length: 8 }, (_, index) => episodeFile(index + 1, 1));
    await start({ files: many, counts: undefined, pageSize: 2 }, { limits: { files: 3 } });
    expect((await bench.run()).failure).toEqual({
      code: 'TOO_LARGE',
      cause: 'The export has more than 3 files.',
    });
    const asked = bench.server.requests.filter((one) => one === 'GET /fhir/$export-poll-status');
    expect(asked).toHaveLength(2 + bench.server.polls);
  });

  test('an order that is refused in words that are no codes, of which none is told', async () => {
    const { server } = await start();
    const planted = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'nancy-ann-berggren' }] };
    server.intercept = always(kickOff, (response) =>
      response.writeHead(403, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(planted)),
    );
    expect((await bench.run()).failure?.cause).toBe(
      'The order for an export: the server answered 403 with an OperationOutcome (error/other).',
    );
  });

  test('an export that no worker could read, before it is stored whole', async () => {
    await start({}, { limits: { episodes: 99, segmentBytes: 10_000 } });
    const over = await bench.run();
    expect(`${over.failure?.code}: ${over.failure?.cause}`).toBe(
      'TOO_LARGE: File 2 of 2: A worker cannot read so much: more than 99 lines.',
    );
    expect(bench.read()).toEqual(yesterdays);
  });

  test('pages of a manifest that are of two exports', async () => {
    const { server } = await start({ pageSize: 1 });
    server.intercept = (path, request) => {
      if (poll.test(path) && request.url?.includes('page=1')) server.transactionTime = '2026-04-16T01:00:00Z';
      return false;
    };
    expect((await bench.run()).failure?.cause).toBe('The manifest of the export: its pages are of several exports.');
    expect(bench.read()).toEqual(yesterdays);
  });
});

describe('an address that is not to be called is refused:', () => {
  const manifestWith = (url: string) =>
    JSON.stringify({
      transactionTime: '2026-04-16T00:00:00Z',
      requiresAccessToken: true,
      output: [{ type: 'EpisodeOfCare', url }],
    });
  const notAllowed = (host: string) =>
    `HOST_NOT_ALLOWED: The host ${host} is not among the hosts that the tenant allows.`;
  test.each<[string, string, Fault]>([
    [
      "a file on a host that is not the tenant's",
      `${notAllowed('evil.example.com').replace('HOST_NOT_ALLOWED: ', 'HOST_NOT_ALLOWED: File 1 of 1: ')}`,
      () => always(poll, body(manifestWith('https://evil.example.com/1'), 'application/json')),
    ],
    [
      'a file without TLS',
      'ADDRESS_REFUSED: File 1 of 1: An address must be an https URL.',
      () => always(poll, body(manifestWith('http://127.0.0.1/1'), 'application/json')),
    ],
    [
      'a file at the metadata service',
      'ADDRESS_REFUSED: File 1 of 1: An address must not point at a reserved address.',
      () => always(poll, body(manifestWith('https://169.254.169.254/latest/meta-data'), 'application/json')),
    ],
    [
      'a file in the private network',
      'ADDRESS_REFUSED: File 1 of 1: An address must not point into a private network.',
      () => always(poll, body(manifestWith('https://10.0.0.7/1'), 'application/json')),
    ],
    [
      "a status on a host that is not the tenant's",
      notAllowed('evil.example.com'),
      () => always(kickOff, status(202, undefined, { 'content-location': 'https://evil.example.com/status' })),
    ],
    [
      'a redirect to another host',
      `HOST_NOT_ALLOWED: File 1 of 2: The host evil.example.com is not among the hosts that the tenant allows.`,
      () => always(anyFile, redirect('https://evil.example.com/1')),
    ],
    [
      'a redirect to the metadata service',
      'ADDRESS_REFUSED: File 1 of 2: An address must not point at a reserved address.',
      () => always(anyFile, redirect('https://[fd00:ec2::254]/latest')),
    ],
    [
      'a redirect without TLS',
      'ADDRESS_REFUSED: File 1 of 2: An address must be an https URL.',
      ({ host }) => always(anyFile, redirect(`http://${host}/1`)),
    ],
    [
      'a redirect of the sign-in',
      'REDIRECT_REFUSED: A redirect is followed for GET alone.',
      ({ baseUrl }) => always(token, redirect(`${baseUrl}/token`, 307)),
    ],
    [
      'a redirect that has no end',
      'REDIRECT_REFUSED: File 1 of 2: More than 3 redirects.',
      ({ baseUrl }) => always(anyFile, redirect(`${baseUrl}/Binary/0`)),
    ],
  ])('%s', async (_name, expected, fault) => {
    const { server } = await start();
    server.intercept = fault(server);
    const over = await bench.run();
    expect(`${over.failure?.code}: ${over.failure?.cause}`).toBe(expected);
    expect(bench.read()).toEqual(yesterdays);
  });

  test('a name that is allowed but has a private address', async () => {
    const tokenUrl = 'https://careplan.example.dk/token';
    const signIn = { kind: 'client-secret', clientId: 'reporting', secret: 'careplan', tokenUrl } as const;
    await start({}, { source: { baseUrl: 'https://careplan.example.dk/fhir', signIn } });
    const resolveHost = async () => ['169.254.169.254'];
    const openExchange: OpenExchange = (source) =>
      createHttpsExchange({ source, trustedPrivateHosts: new Set(), resolveHost });
    bench.dependencies = { ...bench.dependencies, openExchange };
    const over = await bench.run();
    expect(over.failure).toEqual({
      code: 'ADDRESS_REFUSED',
      cause: 'The host has a private or reserved address, which is not called.',
    });
  });

  test('the server itself, where the operator does not trust its private address', async () => {
    await start({}, { trusted: [] });
    expect((await bench.run()).failure?.code).toBe('ADDRESS_REFUSED');
  });

  test('a redirect to another origin that is allowed gets no token', async () => {
    const { server } = await start();
    const other = await startImportBench({ files, counts });
    const seen: (string | undefined)[] = [];
    other.server.intercept = (path, request, response) => {
      seen.push(request.headers.authorization);
      body(path.endsWith('1') ? second : first)(response);
      return true;
    };
    try {
      const source = { ...bench.tenant.import, hosts: [other.server.host] };
      const tenants = registryOf({ ...bench.tenant, import: source as never });
      const trustedPrivateHosts = new Set([server.host, other.server.host]);
      const openExchange: OpenExchange = (to) => createHttpsExchange({ source: to, trustedPrivateHosts });
      bench.dependencies = { ...bench.dependencies, tenants, openExchange };
      server.intercept = always(anyFile, (response, path) => redirect(`https://${other.server.host}${path}`)(response));
      expect((await bench.run()).state).toBe('DONE');
      expect(seen).toEqual([undefined, undefined]);
      expectNewDataSet();
    } finally {
      await other.server.stop();
    }
  });
});
