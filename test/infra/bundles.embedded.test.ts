import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { buildBundle, type FunctionName, functionNames } from '../../infra/build-bundles.ts';
import { createStop } from '../../local/close-server.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { apiEvent } from '../support/api-event.ts';
import { contractOrder, type ReceivedBinary } from '../support/fhir-client.ts';

type Handler = (event: unknown, context: object) => Promise<unknown>;

const fhir = 'application/fhir+json';

let service: Embedded;
let handlers: Record<FunctionName, Handler>;
let authorization: string;
const audited: { readonly target: string; readonly port: number | undefined }[] = [];
const written: string[] = [];
const stops: (() => unknown)[] = [];

/** CloudWatch Logs, as far as the api uses it. */
const startLogs = async (): Promise<string> => {
  const server = createServer((request, response) => {
    const target = request.headers['x-amz-target'] ?? request.method;
    audited.push({ target: String(target), port: request.socket.remotePort });
    request.resume().on('end', () => response.setHeader('content-type', 'application/x-amz-json-1.1').end('{}'));
  });
  // The machine may be slow between init and the first request.
  server.keepAliveTimeout = 120_000;
  stops.push(createStop(server));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** What Lambda does: the function's variables are there, then its file is imported. */
const importHandler = async (name: FunctionName, folder: string): Promise<Handler> => {
  const before = { ...process.env };
  Object.assign(process.env, service.functions.environment[name]);
  const { handler } = (await import(join(folder, name, 'handler.mjs'))) as { handler: Handler };
  process.env = before;
  return handler;
};

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bundles-'));
  stops.push(() => rm(folder, { recursive: true }));
  service = await startEmbedded({ delivery: 'manual', writeLog: () => {} });
  stops.push(() => service.stop());
  process.env['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'] = await startLogs();
  const write = process.stdout.write;
  stops.push(() => {
    process.stdout.write = write;
    delete process.env['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'];
  });
  process.stdout.write = ((line: string) => written.push(line) > 0) as typeof process.stdout.write;
  await Promise.all(functionNames.map((name) => buildBundle(name, folder)));
  const found: Partial<Record<FunctionName, Handler>> = {};
  for (const name of functionNames) found[name] = await importHandler(name, folder);
  handlers = found as Record<FunctionName, Handler>;
  authorization = `Bearer ${await service.issuer.sign('demo')}`;
}, 120_000);
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

const context = { getRemainingTimeInMillis: () => 100_000 };

const call = async (method: string, path: string, body?: string) => {
  const headers = { authorization, accept: fhir, 'content-type': fhir };
  const event = apiEvent(method, `/fhir/${path}`, { headers, ...(body === undefined ? {} : { body }) });
  const answer = (await handlers.api(event, context)) as APIGatewayProxyStructuredResultV2;
  return { status: answer.statusCode, resource: JSON.parse(answer.body ?? '') as ReceivedBinary };
};

const errors = () => written.filter((line) => /"level":"(warn|error)"/.test(line));

test('the packaged functions order, make, give out and erase a report, over the clients as they are bundled', async () => {
  const { status, resource: ordered } = await call('POST', '$execute-patient-usage-stats', contractOrder);
  expect([status, ordered.meta?.versionId]).toEqual([200, '1']);
  const body = writeJobMessage({ tenantId: restoreTenantId('demo'), binaryId: ordered.id });
  expect(await handlers.worker({ Records: [{ messageId: 'm', body }] }, context)).toEqual({ batchItemFailures: [] });
  const { resource: report } = await call('GET', `Binary/${ordered.id}`);
  expect([report.meta.versionId, report.contentType]).toEqual(['2', 'application/gzip-json']);
  expect((await call('GET', '$get-report-job-status')).status).toBe(200);
  await handlers.dispatcher({}, context);
  await handlers.cleaner({}, context);
  await handlers.auditor({}, context);
  await handlers.importer({}, context);
  expect((await call('DELETE', `Binary/${ordered.id}`)).status).toBe(200);
  expect((await call('GET', `Binary/${ordered.id}`)).status).toBe(410);
  expect(errors()).toEqual([]);
  for (const event of ['TICK_COMPLETED', 'CLEANING_COMPLETED', 'AUDIT_COMPLETED', 'IMPORT_TICK_COMPLETED']) {
    expect(written.some((line) => line.includes(`"${event}"`))).toBe(true);
  }
});

test('the packaged api opens a connection at init, and its first request uses it', () => {
  const [greeting, first] = audited;
  expect([greeting?.target, first?.target]).toEqual(['GET', 'Logs_20140328.PutLogEvents']);
  expect(first?.port).toBe(greeting?.port);
});

test('the packaged api makes a report within the call', async () => {
  const { status, resource } = await call('POST', '$fetch-patient-usage-stats', contractOrder);
  expect([status, resource.contentType]).toEqual([200, 'application/gzip-json']);
  expect(errors()).toEqual([]);
});

test('errors of AWS come out of the bundled clients by their names', async () => {
  const { clients, resources } = service;
  const { DeleteBucketCommand, DeleteObjectsCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: resources.contentBucket }));
  const Objects = Contents.map(({ Key }) => ({ Key }));
  if (Objects.length > 0) {
    await clients.s3.send(new DeleteObjectsCommand({ Bucket: resources.contentBucket, Delete: { Objects } }));
  }
  await clients.s3.send(new DeleteBucketCommand({ Bucket: resources.contentBucket }));
  await expect(handlers.cleaner({}, context)).rejects.toMatchObject({
    code: 'DEPENDENCY_REFUSED',
    details: { reason: expect.stringContaining('NoSuchBucket') },
  });
});
