import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
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
  // The sample of `other` has 300 episodes. Changed before the first request, so before the tenants are read.
  await service.clients.documents.send(
    new UpdateCommand({
      TableName: service.resources.tenantsTable,
      Key: { id: 'other' },
      UpdateExpression: 'SET synchronousEpisodes = :limit',
      ExpressionAttributeValues: { ':limit': 299 },
    }),
  );
  owner = await createFhirClient(service);
});
afterAll(() => service.stop());

const fetchReport = (client: FhirClient) => client.call('POST', '$fetch-patient-usage-stats', { body: contractOrder });
const entriesOf = ({ data }: ReceivedBinary) => Object.entries(unzipSync(Buffer.from(data, 'base64')));
const storedKeys = async () => {
  const { Contents = [] } = await service.clients.s3.send(
    new ListObjectsV2Command({ Bucket: service.resources.contentBucket }),
  );
  return Contents.map(({ Key }) => Key);
};

describe('a report that is fetched over HTTP', () => {
  test('is the answer itself, a ZIP in a Binary without id; no Binary is stored, only the numbers are kept', async () => {
    const response = await fetchReport(owner);
    expect(response.status).toBe(200);
    for (const name of ['location', 'content-location', 'last-modified', 'etag', 'retry-after']) {
      expect(response.headers.has(name)).toBe(false);
    }
    const binary = (await response.json()) as ReceivedBinary;
    expect(Object.keys(binary)).toEqual(['resourceType', 'meta', 'contentType', 'securityContext', 'data']);
    expect(binary.meta).toEqual({ profile: ['http://hl7.org/fhir/StructureDefinition/Binary'] });
    expect(entriesOf(binary).map(([name]) => name.replace(/^[^/]+/, '…'))).toEqual([
      '…/ReportHeader',
      '…/PatientsUsageSummary/PatientsUsageSummary',
    ]);
    expect(await owner.statuses()).toEqual([]);
    expect(await storedKeys()).toEqual([expect.stringMatching(/^demo\/Summary\/PatientsUsageReport\/[0-9a-f]{64}$/)]);
  });
  test('has the same numbers as one that is ordered', async () => {
    const fetched = (await (await fetchReport(owner)).json()) as ReceivedBinary;
    const { id } = await owner.order();
    await waitForReport(`${service.baseUrl}/Binary/${id}`, await service.issuer.sign('demo'));
    const [, summary] = entriesOf(fetched);
    const [, ordered] = entriesOf(await owner.read(`Binary/${id}`));
    expect(Buffer.from(summary?.[1] ?? []).equals(Buffer.from(ordered?.[1] ?? []))).toBe(true);
  });
  test('is refused where the data set is beyond the limit of the tenant', async () => {
    const response = await fetchReport(await createFhirClient(service, {}, 'other'));
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(text).toContain('REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED');
    expect(text).toContain('about 300 episodes');
  });
});

test('nothing that was logged on the way holds a token or a patient (I9)', () => {
  const text = log.join('\n');
  expect(text).toContain('REPORT_FETCHED');
  expect(text).not.toMatch(/eyJ|Patient\//);
});
