import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createBytesInput } from '../../local/data-set-input.ts';
import { loadDataSet } from '../../local/load-data-set.ts';
import { waitForReport } from '../../local/report-client.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';
import { contractOrder, createFhirClient, type FhirClient, type ReceivedBinary } from '../support/fhir-client.ts';
import { type S3Watch, watchS3 } from '../support/watch-s3.ts';

const cutOff = '2026-04-16T09:44:11.000Z';
const demo = restoreTenantId('demo');

let service: Embedded;
let owner: FhirClient;
let s3: S3Watch;
const log: string[] = [];

/** Loads a data set of two files with so many episodes in all. */
const load = (count: number) => {
  const lines = [...generateEpisodes({ count, seed: 1, cutOff })];
  const files = [lines.slice(0, 100), lines.slice(100)].map((part, at) =>
    createBytesInput(`${at}`, Buffer.from(`${part.join('\n')}\n`)),
  );
  return loadDataSet({ s3: service.clients.s3, bucket: service.resources.dataBucket }, demo, files, cutOff);
};

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
  await load(200);
  owner = await createFhirClient(service);
  s3 = watchS3(service.endpoints.s3);
});
afterAll(async () => {
  s3.stop();
  await service.stop();
});

/** What was asked of S3, shortened: `HEAD data manifest.json`, `GET content Summary`. */
const asked = (): readonly string[] => {
  const { contentBucket, dataBucket } = service.resources;
  return s3.take().map((line) => {
    const [method = '', path = ''] = line.split(' ');
    const [, bucket, ...key] = path.split('/');
    if (bucket === contentBucket) return `${method} content ${key[1]}`;
    expect([bucket, key[0]]).toEqual([dataBucket, 'demo']);
    return `${method} data ${key.at(-1)?.replace(/-\d/, '')}`;
  });
};
const readingData = ['GET data EpisodeOfCare.ndjson', 'GET data EpisodeOfCare.ndjson'];
const opening = [
  'HEAD data manifest.json',
  'GET data manifest.json',
  'HEAD data EpisodeOfCare.ndjson',
  'HEAD data EpisodeOfCare.ndjson',
];

const entriesOf = ({ data }: ReceivedBinary) => {
  const [header, summary] = Object.values(unzipSync(Buffer.from(data, 'base64')));
  const { provenance } = JSON.parse(Buffer.from(header ?? []).toString());
  return { provenance: JSON.stringify(provenance), summary: Buffer.from(summary ?? []).toString() };
};
const fetchReport = () => owner.call('POST', '$fetch-patient-usage-stats', { body: contractOrder });
const fetched = async () => entriesOf((await (await fetchReport()).json()) as ReceivedBinary);
const ordered = async () => {
  const { id } = await owner.order();
  await waitForReport(`${service.baseUrl}/Binary/${id}`, await service.issuer.sign('demo'));
  return entriesOf(await owner.read(`Binary/${id}`));
};
const origins = () =>
  log.flatMap((line) => {
    const { event, summary } = JSON.parse(line) as { event: string; summary?: string };
    return summary === undefined ? [] : [`${event} ${summary}`];
  });

describe('an order on a data set that was counted before', () => {
  test('reads no data, and gives the same to the byte, also within the call (I10)', async () => {
    s3.take();
    const first = await ordered();
    const firstAsked = asked();
    const second = await ordered();
    const secondAsked = asked();
    const third = await fetched();
    const thirdAsked = asked();
    expect([second, third]).toEqual([first, first]);
    expect(firstAsked.filter((line) => line.includes('data'))).toEqual([...opening, ...readingData]);
    expect(secondAsked.filter((line) => line.includes('data'))).toEqual(opening);
    expect(firstAsked.filter((line) => line.includes('Summary'))).toEqual([
      'GET content Summary',
      'PUT content Summary',
    ]);
    expect(secondAsked.filter((line) => line.includes('Summary'))).toEqual(['GET content Summary']);
    // Within a call that is all there is: it costs no more than reading.
    expect(thirdAsked).toEqual([...opening, 'GET content Summary']);
    expect(origins()).toEqual(['JOB_DONE computed', 'JOB_DONE kept', 'REPORT_FETCHED kept']);
  });
  test('has new numbers once the data set was replaced, also with the same cut-off, and by the call that comes first', async () => {
    const before = await fetched();
    await load(300);
    s3.take();
    const after = await fetched();
    expect(asked()).toEqual([...opening, 'GET content Summary', ...readingData, 'PUT content Summary']);
    expect(JSON.parse(after.provenance)).toMatchObject({ dataCutOff: cutOff, episodes: 300 });
    expect(JSON.parse(before.provenance)).toMatchObject({ dataCutOff: cutOff, episodes: 200 });
    expect(after.summary).not.toBe(before.summary);
    expect(await ordered()).toEqual(after);
    expect(origins().slice(-2)).toEqual(['REPORT_FETCHED computed', 'JOB_DONE kept']);
  });
});

test('a data set that is too large for a call is refused by its manifest: no file is looked at', async () => {
  const other = await createFhirClient(service, {}, 'other');
  s3.take();
  const answer = await other.call('POST', '$fetch-patient-usage-stats', { body: contractOrder });
  const paths = s3.take().map((line) => line.replace(`/${service.resources.dataBucket}/`, ''));
  expect(answer.status).toBe(422);
  expect(paths).toEqual(['HEAD other/manifest.json', 'GET other/manifest.json']);
});

test('nothing that was kept or logged on the way holds a token or a patient (I9)', () => {
  expect(log.join('\n')).not.toMatch(/eyJ|Patient\//);
});
