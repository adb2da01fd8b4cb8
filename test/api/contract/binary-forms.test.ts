import { beforeAll, describe, expect, test } from 'vitest';
import { createContractBench, errorOf } from '../../support/contract-bench.ts';

const bench = createContractBench();
let path: string;

beforeAll(async () => {
  path = `Binary/${await bench.finishedId()}`;
});

const read = (headers: Record<string, string>, query = '') => bench.call('GET', path, { headers, query });
const formOf = ({ headers }: Awaited<ReturnType<typeof read>>) =>
  headers['content-type'] === 'application/fhir+json; charset=UTF-8' ? 'resource' : 'raw';

describe('contract, Binary negotiation:', () => {
  test.each(['application/fhir+json', 'application/json+fhir'])(
    'contract, Binary negotiation: Accept %s gives the resource',
    async (accept) => expect((await read({ accept })).json()['resourceType']).toBe('Binary'),
  );
  test('contract, Binary negotiation: _format=json gives the resource', async () =>
    expect(formOf(await read({ accept: '' }, '_format=json'))).toBe('resource'));
  test.each(['*/*', 'application/json', 'application/gzip-json', 'application/zip', 'application/octet-stream', ''])(
    'contract, Binary negotiation: Accept %j gives the raw bytes with their type, as attachment',
    async (accept) => {
      const { headers, bytes } = await read({ accept });
      expect(bytes.subarray(0, 2).toString()).toBe('PK');
      expect(headers['content-type']).toBe('application/gzip-json');
      expect(headers['content-disposition']).toMatch(/^attachment; filename="[A-Za-z0-9.-]+"$/);
    },
  );
  test('contract, Binary negotiation: the placeholder is raw text/plain', async () => {
    const { headers, text } = await bench.call('GET', `${path}/_history/1`, { headers: { accept: '*/*' } });
    expect([headers['content-type'], text]).toEqual(['text/plain', '*NOT GENERATED YET*']);
  });
  test('contract, Binary negotiation: a report that is waited for by its own type is 200, and says when to ask again', async () => {
    const waiting = `Binary/${await bench.orderId()}`;
    const { status, headers, text } = await bench.call('GET', waiting, {
      headers: { accept: 'application/gzip-json' },
    });
    expect([status, headers['content-type'], text]).toEqual([200, 'text/plain', '*NOT GENERATED YET*']);
    expect(headers['retry-after']).toMatch(/^\d+$/);
  });
  test('contract, Binary negotiation: _format wins over Accept', async () => {
    expect(formOf(await read({ accept: '*/*' }, '_format=json'))).toBe('resource');
    expect(formOf(await read({ accept: 'application/fhir+xml' }, '_format=json'))).toBe('resource');
    expect((await read({ accept: 'application/fhir+json' }, '_format=xml')).status).toBe(406);
  });
  test.each(['application/json', '*/*'])(
    'contract, Binary negotiation: on all other routes %s means FHIR JSON',
    async (accept) => {
      for (const other of [`${path}/_history`, '$get-report-job-status', 'metadata', 'OperationDefinition']) {
        const { status, headers } = await bench.call('GET', other, { headers: { accept } });
        expect([status, headers['content-type']]).toEqual([200, 'application/fhir+json; charset=UTF-8']);
      }
      expect((await bench.order('execute', { headers: { accept } })).headers['content-type']).toContain('fhir+json');
    },
  );
  test.each(['application/fhir+xml', 'text/html', 'image/png'])(
    'contract, Binary negotiation: %s cannot be served and is 406',
    async (accept) => {
      for (const other of [path, `${path}/_history`, '$get-report-job-status', 'metadata']) {
        expect(errorOf(await bench.call('GET', other, { headers: { accept } }))).toMatchObject({ status: 406 });
      }
    },
  );
});

describe('contract, compression:', () => {
  const gzip = { 'accept-encoding': 'gzip' };
  test('contract, compression: over 1 kB is gzip where the client accepts it', async () => {
    const { headers, bytes } = await bench.call('GET', 'metadata', { headers: gzip });
    expect([headers['content-encoding'], bytes.subarray(0, 2).toString('hex')]).toEqual(['gzip', '1f8b']);
  });
  test.each(['', 'identity', 'br', 'gzip;q=0'])(
    'contract, compression: not where Accept-Encoding is %j',
    async (encoding) => {
      const { headers } = await bench.call('GET', 'metadata', { headers: { 'accept-encoding': encoding } });
      expect(headers).not.toHaveProperty('content-encoding');
    },
  );
  test('contract, compression: not of 1 kB and less', async () =>
    expect((await bench.order('execute', { headers: gzip })).headers).not.toHaveProperty('content-encoding'));
  test('contract, compression: never of the ZIP bytes, whatever their size', async () => {
    const { headers, bytes } = await read({ accept: '*/*', ...gzip });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
  });
});
