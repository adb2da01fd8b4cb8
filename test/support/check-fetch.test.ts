import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { product } from '../../functions/platform/product.ts';

/** Answers as the service would, with a fault in it. */
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/fhir+json; charset=UTF-8');
  if (request.url !== '/elsewhere') response.setHeader('x-powered-by', `${product.name}/${product.version}`);
  response.end('{"resourceType":"CapabilityStatement","status":"active"}');
});
let base: string;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe('whatever a test fetches from the service', () => {
  test('is checked, by address or by Request', async () => {
    await expect(fetch(`${base}/fhir/metadata`)).rejects.toThrow('not valid FHIR R4');
    await expect(fetch(new Request(`${base}/fhir/metadata`))).rejects.toThrow('not valid FHIR R4');
  });
  test('and nothing else is', async () => {
    await expect(fetch(`${base}/elsewhere`)).resolves.toMatchObject({ status: 200 });
  });
});
