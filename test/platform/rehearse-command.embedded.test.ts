import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import { rehearseCommand } from '../../functions/platform/rehearse-command.ts';
import { createStop } from '../../local/close-server.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A service that answers everything with one status, and notes what it was sent, on which connection. */
const startService = async (status = 200) => {
  const received: { readonly request: IncomingMessage; readonly port: number | undefined }[] = [];
  const server = createServer((request, response) => {
    received.push({ request, port: request.socket.remotePort });
    request
      .resume()
      .on('end', () => response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end('{}'));
  });
  stops.push(createStop(server));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { received, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const settings = (endpoint: string) => ({
  endpoint,
  region: 'eu-north-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
});

const bytes = { Bucket: 'content', Key: 'rehearsal', Body: 'bytes' };

test('of the command nothing is sent: no method of its own, no path, no signature, no body', async () => {
  const { received, endpoint } = await startService();
  const s3 = new S3Client(settings(endpoint));
  await rehearseCommand(s3, new PutObjectCommand(bytes));
  s3.destroy();
  expect(received.map(({ request: { method, url } }) => [method, url])).toEqual([['GET', '/']]);
  expect(Object.keys(received[0]?.request.headers ?? {}).sort()).toEqual(['connection', 'host']);
});

test('whatever the host answers is as good', async () => {
  const { received, endpoint } = await startService(403);
  const s3 = new S3Client(settings(endpoint));
  await rehearseCommand(s3, new PutObjectCommand(bytes));
  s3.destroy();
  expect(received).toHaveLength(1);
});

test('the connection that it leaves behind is the one that the next command uses', async () => {
  const { received, endpoint } = await startService();
  const sqs = new SQSClient(settings(endpoint));
  const command = () => new SendMessageCommand({ QueueUrl: `${endpoint}/0/queue`, MessageBody: 'x' });
  await rehearseCommand(sqs, command());
  await sqs.send(command()).catch(() => {});
  sqs.destroy();
  expect(received.map(({ request }) => request.method)).toEqual(['GET', 'POST']);
  expect(received[1]?.port).toBe(received[0]?.port);
});

test('a host that does not answer is an error', async () => {
  const s3 = new S3Client(settings('http://127.0.0.1:9'));
  await expect(rehearseCommand(s3, new PutObjectCommand(bytes))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  s3.destroy();
});

test('a client that keeps handlers for commands of a kind does not keep a rehearsal', async () => {
  const { received, endpoint } = await startService();
  const s3 = new S3Client({ ...settings(endpoint), cacheMiddleware: true });
  await rehearseCommand(s3, new PutObjectCommand(bytes));
  await s3.send(new PutObjectCommand(bytes));
  s3.destroy();
  expect(received.map(({ request }) => request.method)).toEqual(['GET', 'PUT']);
});
