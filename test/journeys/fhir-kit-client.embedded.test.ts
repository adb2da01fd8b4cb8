import { unzipSync } from 'fflate';
import { CapabilityTool, Client, type FhirResource } from 'fhir-kit-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';

let service: Embedded;
let client: Client;

/** What a generic client got. (That it is valid R4 is checked as for everything that a test fetches.) */
const received = async <Resource extends object>(answer: Promise<FhirResource>): Promise<Resource> =>
  (await answer) as unknown as Resource;

interface Binary {
  readonly id: string;
  readonly meta: { readonly versionId: string };
  readonly contentType: string;
  readonly data: string;
}

const order = (name: string) =>
  received<Binary>(
    client.operation({
      name,
      input: { resourceType: 'Parameters', parameter: [{ name: 'anonymization', valueString: 'None' }] },
    }),
  );

const read = (id: string) => received<Binary>(client.read({ resourceType: 'Binary', id }));

const statusOf = (error: unknown): number | undefined =>
  (error as { readonly response?: { readonly status: number } }).response?.status;

/** Asks as fast as answers come: the report is made in the blink of an eye. */
const finish = async (id: string): Promise<Binary> => {
  const binary = await read(id);
  if (binary.meta.versionId !== '1') return binary;
  await new Promise((resolve) => setImmediate(resolve));
  return finish(id);
};

beforeAll(async () => {
  service = await startEmbedded({ writeLog: () => {} });
  client = new Client({ baseUrl: service.baseUrl, bearerToken: await service.issuer.sign('demo') });
});
afterAll(() => service.stop());

describe('fhir-kit-client, as npm has it', () => {
  test('learns from the capability statement what it can do, without a token', async () => {
    const stranger = new Client({ baseUrl: service.baseUrl });
    const statement = await received<FhirResource>(stranger.capabilityStatement());
    const tool = new CapabilityTool(statement);
    for (const interaction of ['read', 'vread', 'delete', 'history-instance']) {
      expect(tool.resourceCan('Binary', interaction), interaction).toBe(true);
    }
    for (const interaction of ['create', 'update', 'search-type']) {
      expect(tool.resourceCan('Binary', interaction), interaction).toBe(false);
    }
    expect(tool.resourceCan('OperationDefinition', 'read')).toBe(true);
    expect(await stranger.smartAuthMetadata()).toEqual({});
  });

  test('finds the definitions and reads each of them', async () => {
    const bundle = await received<{ readonly entry: readonly { readonly resource: { readonly id: string } }[] }>(
      client.search({ resourceType: 'OperationDefinition', searchParams: {} }),
    );
    expect(bundle.entry).toHaveLength(4);
    for (const { resource } of bundle.entry) {
      expect(await received(client.read({ resourceType: 'OperationDefinition', id: resource.id }))).toEqual(resource);
    }
  });

  test('orders, polls, reads every version, sees the status, and deletes', async () => {
    const placed = await order('execute-patient-usage-stats');
    expect(placed).toMatchObject({ contentType: 'text/plain', meta: { versionId: '1' } });
    const { id } = placed;

    const report = await finish(id);
    expect(report.contentType).toBe('application/gzip-json');
    expect(Object.keys(unzipSync(Buffer.from(report.data, 'base64')))).toHaveLength(2);

    expect(await received(client.vread({ resourceType: 'Binary', id, version: '1' }))).toEqual(placed);
    const history = await received<{ readonly total: number }>(client.history({ resourceType: 'Binary', id }));
    expect(history.total).toBe(2);

    const status = await received<object>(client.operation({ name: '$get-report-job-status', method: 'GET' }));
    expect(JSON.stringify(status)).toContain('"name":"status","valueString":"DONE"');
    expect(await received(client.operation({ name: 'get-report-job-status' }))).toEqual(status);

    const deleted = await received<object>(client.delete({ resourceType: 'Binary', id }));
    expect(deleted).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'information' }] });
    expect(statusOf(await read(id).catch((error: unknown) => error))).toBe(410);
    expect(statusOf(await client.delete({ resourceType: 'Binary', id }).catch((error: unknown) => error))).toBe(410);
  });

  test('fetches a report within the call, without id and version', async () => {
    const report = await order('fetch-patient-usage-stats');
    expect(report).not.toHaveProperty('id');
    expect(Object.keys(unzipSync(Buffer.from(report.data, 'base64')))).toHaveLength(2);
  });

  test('is told what is wrong by an OperationOutcome', async () => {
    const stranger = new Client({ baseUrl: service.baseUrl });
    const error = await stranger.operation({ name: 'get-report-job-status' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ response: { status: 401, data: { resourceType: 'OperationOutcome' } } });
  });
});
