import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../local/start-embedded.ts';
import { startEmulators } from '../../local/start-emulators.ts';
import { createFhirClient } from '../support/fhir-client.ts';

const quiet: EmbeddedOptions = { delivery: 'manual', samples: false, writeLog: () => {} };
const stops: (() => Promise<unknown>)[] = [];

const start = async (options: EmbeddedOptions): Promise<Embedded> => {
  const embedded = await startEmbedded({ ...quiet, ...options });
  stops.push(embedded.stop);
  return embedded;
};

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

describe('the embedded runtime', () => {
  it('listens on 127.0.0.1 alone', async () => {
    const { baseUrl, endpoints, issuer } = await start({});
    const urls = [baseUrl, issuer.url, ...Object.values(endpoints)].map((url) => new URL(url));
    expect(new Set(urls.map(({ hostname }) => hostname))).toEqual(new Set(['127.0.0.1']));
    for (const { port } of urls) {
      const [error] = (await once(connect(Number(port), '127.0.0.2'), 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toMatch(/ECONNREFUSED|EADDRNOTAVAIL/);
    }
  });

  it('gives the functions what infra says, and the settings that a test asks for', async () => {
    const { functions, resources, baseUrl, issuer } = await start({ settings: { worker: { LEASE_SECONDS: '7' } } });
    const { api, worker, dispatcher } = functions.environment;
    expect(api).toMatchObject({
      BASE_URL: baseUrl,
      JOBS_TABLE: resources.jobsTable,
      TRUSTED_PRIVATE_HOSTS: expect.stringMatching(`^${issuer.host},127\\.0\\.0\\.1:`),
    });
    expect(api['RETENTION_DAYS']).toBe('90');
    expect([worker['LEASE_SECONDS'], worker['DATA_BUCKET']]).toEqual(['7', resources.dataBucket]);
    expect(dispatcher['REPORT_QUEUE_URL']).toBe(resources.reportQueueUrl);
  });

  it('makes tables and queues as infra has them', async () => {
    const { resources, clients } = await start({});
    const { Table } = await clients.documents.send(new DescribeTableCommand({ TableName: resources.jobsTable }));
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual([
      'byOwner',
      'open',
      'openByTenant',
    ]);
    expect(resources.reportQueueUrl).not.toBe(resources.deadLetterQueueUrl);
  });

  it('puts the environment and the trusted certificates back when it stops', async () => {
    const before = { environment: { ...process.env }, trusted: getCACertificates('default').length };
    const { stop } = await start({});
    expect(process.env['AWS_ENDPOINT_URL_S3']).toContain('127.0.0.1');
    expect(getCACertificates('default')).toHaveLength(before.trusted + 2);
    await stop();
    expect({ ...process.env }).toEqual(before.environment);
    expect(getCACertificates('default')).toHaveLength(before.trusted);
  });

  it('runs once in a process, and again after it was stopped', async () => {
    const { stop } = await start({});
    await expect(startEmbedded(quiet)).rejects.toThrow('runs in this process already');
    await stop();
    await start({});
  });

  it('leaves nothing behind when its port is taken', async () => {
    const taken = await start({});
    const port = Number(new URL(taken.baseUrl).port);
    await taken.stop();
    const before = { ...process.env };
    const blocker = createServer().listen(port, '127.0.0.1');
    await once(blocker, 'listening');
    await expect(startEmbedded({ ...quiet, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    blocker.close();
    expect({ ...process.env }).toEqual(before);
    await start({ port });
  });

  it('makes a report of the sample by itself', async () => {
    const embedded = await start({ delivery: 'automatic', samples: true });
    const client = await createFhirClient(embedded);
    const { id } = await client.order();
    await expect.poll(() => client.statuses(), { timeout: 10_000 }).toEqual(['DONE']);
    expect(await client.read(`Binary/${id}`)).toMatchObject({ meta: { versionId: '2' } });
  });
});

describe('services that are there already', () => {
  it('are used, and not stopped', async () => {
    const emulators = await startEmulators({});
    stops.push(emulators.stop);
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = emulators.endpoints.dynamodb;
    stops.push(async () => delete process.env['AWS_ENDPOINT_URL_DYNAMODB']);
    const embedded = await start({});
    expect(embedded.endpoints.dynamodb).toBe(emulators.endpoints.dynamodb);
    expect(embedded.endpoints.s3).not.toBe(emulators.endpoints.s3);
    expect(embedded.selfContained).toBe(false);
    await embedded.stop();
    expect(process.env['AWS_ENDPOINT_URL_DYNAMODB']).toBe(emulators.endpoints.dynamodb);
    const there = await fetch(emulators.endpoints.dynamodb);
    expect(there.status).toBeLessThan(500);
  });
});

describe('state that is kept', () => {
  let stateFolder: string;
  beforeEach(async () => {
    stateFolder = await mkdtemp(join(tmpdir(), 'state-'));
    stops.push(() => rm(stateFolder, { recursive: true }));
  });

  it('has jobs, bytes, messages and old tokens after a restart', async () => {
    const first = await start({ stateFolder });
    const port = Number(new URL(first.baseUrl).port);
    const client = await createFhirClient(first);
    const { id, data } = await client.order();
    await first.stop();

    const second = await start({ stateFolder, port });
    expect(await client.statuses()).toEqual(['QUEUED']);
    expect(await client.read(`Binary/${id}`)).toMatchObject({ data });
    const { Messages } = await second.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: second.resources.reportQueueUrl }),
    );
    expect(Messages?.map(({ Body }) => JSON.parse(Body ?? ''))).toEqual([{ tenant: 'demo', binaryId: id }]);
  });
});
