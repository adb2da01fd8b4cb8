import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { followParent, reportToParent } from '../harness/helper-process.ts';
import type { SeenCall } from './critical-path.ts';
import { latencies } from './latencies.ts';

/** The calls since they were last asked for. */
let seen: SeenCall[] = [];

/** What the request is for, and what it is answered. An order needs no more of the services than that they take what they are sent. */
const answer = (
  { headers, method }: IncomingMessage,
  body: Buffer,
): { service: keyof typeof latencies; name: string; json: object } => {
  const [target = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (target.startsWith('DynamoDB')) return { service: 'dynamodb', name: operation, json: {} };
  if (target.startsWith('Logs')) return { service: 'logs', name: operation, json: {} };
  if (target !== 'AmazonSQS') return { service: 's3', name: method ?? '', json: {} };
  const { MessageBody = '' } = JSON.parse(body.toString()) as { MessageBody?: string };
  const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
  return { service: 'sqs', name: operation, json: { MessageId: 'm', MD5OfMessageBody } };
};

/** Waits until a time of `performance.now()`; timers alone would be up to a millisecond late. */
const waitUntil = async (time: number): Promise<void> => {
  const rest = time - performance.now();
  if (rest > 1.5) await delay(rest - 1.5);
  while (performance.now() < time) await new Promise<void>((resolve) => setImmediate(resolve));
};

const server = createServer(async (request, response) => {
  const came = performance.now();
  const body = await buffer(request);
  if (request.url === '/seen') {
    response.end(JSON.stringify(seen));
    seen = [];
    return;
  }
  const { service, name, json } = answer(request, body);
  const latency = latencies[service];
  await waitUntil(came + latency);
  seen.push({ name: `${service} ${name}`, came, answered: performance.now(), latency });
  const isS3 = service === 's3';
  response.writeHead(200, isS3 ? { etag: '"e"' } : { 'content-type': 'application/x-amz-json-1.0' });
  response.end(isS3 ? '' : JSON.stringify(json));
});

followParent();
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
reportToParent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
