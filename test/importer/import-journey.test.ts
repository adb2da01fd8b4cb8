import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import type { ExportServerOptions } from '../../local/export-server.ts';
import {
  type BenchOptions,
  digestOf,
  episodeFile,
  episodeLine,
  type ImportBench,
  startImportBench,
  yesterdays,
} from '../support/import-bench.ts';

let bench: ImportBench;
const start = async (exported: Partial<ExportServerOptions>, options?: BenchOptions) => {
  bench = await startImportBench(exported, options);
  bench.putYesterdays();
  return bench;
};
afterEach(() => bench.server.stop());

const files = [episodeFile(1, 40), episodeFile(41, 1), episodeFile(42, 59)];
const whole = Buffer.concat(files);
const counts = [40, 1, 59];

const smartClient = async (alg: 'RS384' | 'ES384') => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const named = { kid: 'key-1' };
  return {
    client: { clientId: 'reporting', publicJwk: { ...(await exportJWK(publicKey)), ...named } },
    secret: JSON.stringify({ ...(await exportJWK(privateKey)), ...named }),
  };
};

describe('an import', () => {
  test.each<[string, Partial<ExportServerOptions>]>([
    ['NDJSON', {}],
    ['NDJSON in gzip', { isGzip: true }],
    ["FHIR Binaries, as FUT's server has them", { form: 'binary' }],
    ['links that are good by themselves', { requiresAccessToken: false }],
    ['a manifest of three pages', { pageSize: 1 }],
    ['a manifest that gives no counts', { counts: undefined }],
    ['an export that takes a while', { polls: 4, retryAfter: '120' }],
  ])('makes an export the data set: %s', async (_name, exported) => {
    const { server } = await start({ files, counts, ...exported });
    const over = await bench.run();
    expect(over.state).toBe('DONE');
    expect(bench.read()?.transactionTime).toBe(server.transactionTime);
    expect(digestOf(bench.read()?.text ?? '')).toBe(digestOf(whole));
    expect(bench.log.of('IMPORT_DONE')).toMatchObject([
      { tenant: 'demo', episodes: 100, dataCutOff: server.transactionTime },
    ]);
  });

  test('orders the export as FUT has it: POST, Parameters, no-cache', async () => {
    const { server } = await start({ files }, { source: { kind: 'fut' } });
    expect((await bench.run()).state).toBe('DONE');
    expect(server.requests).toContain('POST /fhir/$export');
  });

  test('orders a Group where the tenant has one', async () => {
    const { server } = await start({ files }, { source: { group: 'telemedicine-1' } });
    expect((await bench.run()).state).toBe('DONE');
    expect(server.requests).toContain('GET /fhir/Group/telemedicine-1/$export');
  });

  test.each(['RS384', 'ES384'] as const)(
    'signs in with an assertion signed by %s, at the endpoint that it found',
    async (alg) => {
      const { server } = await start({ files }, await smartClient(alg));
      expect((await bench.run()).state).toBe('DONE');
      expect(server.requests[0]).toBe('GET /fhir/.well-known/smart-configuration');
    },
  );

  test('has the server forget the export, and leaves nothing but the data set', async () => {
    const { server } = await start({ files });
    const over = await bench.run();
    expect(server.requests.at(-1)).toBe('DELETE /fhir/$export-poll-status');
    const mine = [...bench.files.stored.keys()].filter((key) => key.includes(over.importId));
    expect(mine.map((key) => key.split('/').at(-1)).sort()).toEqual([
      expect.stringMatching(/^0001-[0-9a-f]{8}\.ndjson\.gz$/),
      'manifest.json',
    ]);
    expect(over.statusUrl).toBeUndefined();
  });

  test('shows how far the server says that it is', async () => {
    await start({ files, polls: 3, retryAfter: '30' });
    await bench.begin();
    await bench.step();
    bench.clock.advance(1_000);
    await bench.step();
    const held = await bench.imports.read(bench.tenant.id);
    expect(held).toMatchObject({ state: 'POLLING', progress: '25 % done', due: bench.clock.now() + 30_000 });
    expect(held?.lease).toBeUndefined();
  });

  test('gives a last line its end, and leaves out a byte order mark', async () => {
    const first = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(episodeLine(1).trimEnd())]);
    await start({ files: [first, episodeFile(2, 1)], counts: [1, 1] });
    expect((await bench.run()).state).toBe('DONE');
    expect(bench.read()?.text).toBe(episodeLine(1) + episodeLine(2));
  });

  test('stores a large export in several parts, each of whole lines', async () => {
    const filler = 'x'.repeat(1000);
    const large = [episodeFile(1, 30, filler), episodeFile(31, 30, filler)];
    await start({ files: large, counts: [30, 30] }, { limits: { segmentBytes: 8_000 } });
    const over = await bench.run();
    expect(over.segments.length).toBeGreaterThan(2);
    expect(over.segments.reduce((sum, { count }) => sum + count, 0)).toBe(60);
    expect(bench.read()?.text).toBe(Buffer.concat(large).toString());
  });

  test('goes on with a new token when the old one has run out', async () => {
    const { server } = await start({ files, polls: 6, retryAfter: '45' }, { tokenSeconds: 60 });
    expect((await bench.run()).state).toBe('DONE');
    expect(server.signIn.granted).toBeGreaterThan(6);
  });

  test('leaves the data set in use where it is until the new one is whole', async () => {
    await start({ files, polls: 2 });
    await bench.begin();
    for (let count = 0; count < 3; count++) {
      expect(bench.read()).toEqual(yesterdays);
      await bench.step();
      bench.clock.advance(1_000);
    }
    await bench.step();
    expect(bench.read()?.text).toBe(whole.toString());
  });
});
