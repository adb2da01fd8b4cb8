import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitForReport } from '../../local/report-client.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { contractOrder, createFhirClient, type FhirClient, type ReceivedBinary } from '../support/fhir-client.ts';

let service: Embedded;
let owner: FhirClient;
const log: string[] = [];

beforeAll(async () => {
  service = await startEmbedded({ writeLog: (line) => void log.push(line) });
  owner = await createFhirClient(service);
});
afterAll(() => service.stop());

const finish = async ({ id }: ReceivedBinary) => {
  await waitForReport(`${service.baseUrl}/Binary/${id}`, await service.issuer.sign('demo'));
};

describe('an order over HTTP with a signed token', () => {
  test('is answered at once as the contract has it: status, headers, body', async () => {
    const response = await owner.call('POST', '$execute-patient-usage-stats', {
      body: contractOrder,
      headers: { 'x-request-id': '9ac596fa-9782-9550-bb72-d1acbefe6c11' },
    });
    const binary = (await response.json()) as ReceivedBinary;
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/fhir+json; charset=UTF-8',
      location: `${service.baseUrl}/Binary/${binary.id}/_history/1`,
      'content-location': `${service.baseUrl}/Binary/${binary.id}/_history/1`,
      'last-modified': new Date(binary.meta.lastUpdated.slice(0, 19).concat('Z')).toUTCString(),
      'x-request-id': '9ac596fa-9782-9550-bb72-d1acbefe6c11',
      'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
      pragma: 'no-cache',
      expires: '0',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-xss-protection': '0',
    });
    expect(binary).toEqual({
      resourceType: 'Binary',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      meta: {
        versionId: '1',
        lastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/),
        source: '#9ac596fa-9782-9550-bb72-d1acbefe6c11',
        profile: ['http://hl7.org/fhir/StructureDefinition/Binary'],
      },
      contentType: 'text/plain',
      securityContext: { identifier: { value: 'fbf769fc-7131-4ad6-82f1-25537983f6b5' } },
      data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==',
    });
    await finish(binary);
  });

  test('becomes version 2, a ZIP with header and summary, while version 1 stays', async () => {
    const { id } = await owner.order();
    await finish({ id } as ReceivedBinary);
    const report = await owner.read(`Binary/${id}`);
    expect(report).toMatchObject({ meta: { versionId: '2' }, contentType: 'application/gzip-json' });
    expect(report.meta).not.toHaveProperty('source');
    const entries = unzipSync(Buffer.from(report.data, 'base64'));
    const [header = '', summary = ''] = Object.keys(entries);
    expect(header).toMatch(/^PatientsUsageReport_\d{4}(_\d\d){5}\/ReportHeader$/);
    expect(summary).toBe(header.replace('ReportHeader', 'PatientsUsageSummary/PatientsUsageSummary'));
    expect(JSON.parse(Buffer.from(entries[header] ?? []).toString())).toMatchObject({
      reportName: 'PatientsUsageReport',
      parameters: JSON.parse(contractOrder),
      provenance: { dataCutOff: '2026-04-16T09:44:11.000Z', episodes: 3000 },
    });
    expect(await owner.read(`Binary/${id}/_history/1`)).toMatchObject({
      meta: { versionId: '1' },
      data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==',
    });
    expect((await owner.statuses())[0]).toBe('DONE');
  });

  test('gives the ZIP itself to who does not ask for FHIR', async () => {
    const binary = await owner.order();
    await finish(binary);
    const raw = await owner.call('GET', `Binary/${binary.id}`, { headers: { accept: '*/*' } });
    expect(raw.headers.get('content-type')).toBe('application/gzip-json');
    const bytes = Buffer.from(await raw.arrayBuffer());
    expect(bytes.toString('base64')).toBe((await owner.read(`Binary/${binary.id}`)).data);
  });

  test('%24 in the path is the same route as $', async () => {
    expect((await owner.call('GET', '%24get-report-job-status')).status).toBe(200);
  });
});

describe('nobody but the user who ordered it, in the same tenant, with the role', () => {
  let id: string;
  beforeAll(async () => {
    const binary = await owner.order();
    await finish(binary);
    ({ id } = binary);
  });
  const colleague = '11111111-2222-4333-8444-555555555555';

  test('another user gets the same 404 as for an id that never was, and does not see the job', async () => {
    const other = await createFhirClient(service, { user: colleague });
    const never = id.replace(/.{6}$/, 'abcdef');
    const [foreign, unknown] = await Promise.all([
      other.call('GET', `Binary/${id}`),
      other.call('GET', `Binary/${never}`),
    ]);
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    expect((await foreign.text()).replace(id, never)).toBe(await unknown.text());
    expect((await other.call('GET', `Binary/${id}/_history/1`)).status).toBe(404);
    expect(await other.statuses()).toEqual([]);
  });
  test('the same user id in another tenant gets 404 and sees no job', async () => {
    const namesake = await createFhirClient(service, {}, 'other');
    expect((await namesake.call('GET', `Binary/${id}`)).status).toBe(404);
    expect(await namesake.statuses()).toEqual([]);
  });
  test('without the role it is 403', async () => {
    const roleless = await createFhirClient(service, { roles: ['$fetch-patient-usage-stats'] });
    const response = await roleless.call('GET', `Binary/${id}`);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('insufficient_scope');
    expect((await roleless.call('POST', '$execute-patient-usage-stats', { body: contractOrder })).status).toBe(403);
  });
  test('without a token it is 401 on every path', async () => {
    for (const path of [`Binary/${id}`, '$get-report-job-status', 'nothing']) {
      const response = await fetch(`${service.baseUrl}/${path}`);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="fhir"']);
      expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login' }] });
    }
  });
  test('a token with one changed character is 401', async () => {
    const token = await service.issuer.sign('demo');
    const at = token.lastIndexOf('.') + 10;
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    const response = await fetch(`${service.baseUrl}/$get-report-job-status`, {
      headers: { authorization: `Bearer ${changed}` },
    });
    expect(response.status).toBe(401);
  });
});

test('nothing that was logged on the way holds a token or a patient (I9)', async () => {
  const text = log.join('\n');
  expect(text).toContain('JOB_DONE');
  expect(text).not.toMatch(/eyJ|Patient\//);
});
