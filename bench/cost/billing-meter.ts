import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countStoredBytes, countWriteUnits, type Item, type TableIndexes } from './index-writes.ts';

/** What went through since it was last asked. */
export interface Metered {
  readonly calls: Record<string, number>;
  writeUnits: number;
  readUnits: number;
  s3Writes: number;
  s3Reads: number;
  sqsRequests: number;
  /** What each item that was written weighs in its table and the indexes, by its key as JSON. */
  readonly items: Record<string, number>;
}

/** Stands before a service's emulator and counts what AWS would bill. */
export interface BillingMeter {
  readonly endpoint: string;
  stop(): Promise<void>;
}

interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const send = (target: string, { method, url, headers, body }: Exchange): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${target}${url}`, { method, headers }, (answer) => {
      readAll(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: bytes }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const startMeter = async (handle: (exchange: Exchange) => Promise<Reply>): Promise<BillingMeter> => {
  const server = createServer(async (incoming, answer) => {
    const { method = 'GET', url = '/', headers } = incoming;
    try {
      const reply = await handle({ method, url, headers, body: await readAll(incoming) });
      const { 'transfer-encoding': _chunked, ...passed } = reply.headers;
      // The length of an answer to HEAD is that of what GET would bring.
      const length = method === 'HEAD' ? {} : { 'content-length': reply.body.length };
      answer.writeHead(reply.status, { ...passed, ...length }).end(reply.body);
    } catch {
      answer.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

const note = (metered: Metered, call: string): void => {
  metered.calls[call] = (metered.calls[call] ?? 0) + 1;
};

/** S3: what a request costs depends on its method, and whether it lists. */
export const meterS3 = (target: string, metered: () => Metered): Promise<BillingMeter> =>
  startMeter((exchange) => {
    const { method, url } = exchange;
    const lists = method === 'GET' && /[?&](?:list-type=2|versions)/.test(url);
    note(metered(), `S3 ${lists ? 'LIST' : method}`);
    if (lists || method === 'PUT' || method === 'POST') metered().s3Writes += 1;
    else if (method === 'GET' || method === 'HEAD') metered().s3Reads += 1;
    return send(target, exchange);
  });

/** SQS: every request costs the same. */
export const meterSqs = (target: string, metered: () => Metered): Promise<BillingMeter> =>
  startMeter((exchange) => {
    note(metered(), `SQS ${String(exchange.headers['x-amz-target'] ?? exchange.method).replace(/^.*\./, '')}`);
    metered().sqsRequests += 1;
    return send(target, exchange);
  });

interface DynamoDbRequest {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ConsistentRead?: boolean;
}

const capacityOf = (answer: unknown): number => {
  const { ConsumedCapacity: consumed } = answer as { ConsumedCapacity?: { CapacityUnits?: number } };
  return consumed?.CapacityUnits ?? 0;
};

/**
 * DynamoDB: reads by what the emulator says that they consume; writes by the item before and after, since the emulator leaves the
 * indexes out. A write whose condition fails costs what the item that is there weighs.
 *
 * @param findTable what a table holds, by its name
 */
export const meterDynamoDb = (
  target: string,
  findTable: (name: string) => TableIndexes,
  metered: () => Metered,
): Promise<BillingMeter> => {
  const ask = async (
    exchange: Exchange,
    operation: string,
    body: unknown,
  ): Promise<{ reply: Reply; parsed: unknown }> => {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = {
      ...exchange.headers,
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'content-length': String(bytes.length),
    };
    const reply = await send(target, { ...exchange, headers, body: bytes });
    return { reply, parsed: JSON.parse(reply.body.toString('utf8') || '{}') };
  };

  const readItem = async (exchange: Exchange, name: string, key: Item): Promise<Item | undefined> => {
    const { parsed } = await ask(exchange, 'GetItem', { TableName: name, Key: key, ConsistentRead: true });
    return (parsed as { Item?: Item }).Item;
  };

  const write = async (exchange: Exchange, operation: string, body: DynamoDbRequest): Promise<Reply> => {
    const table = findTable(body.TableName);
    const keys = table.KeySchema.map(({ AttributeName }) => AttributeName);
    const key = body.Key ?? Object.fromEntries(keys.map((name) => [name, body.Item?.[name] ?? {}]));
    const before = await readItem(exchange, body.TableName, key);
    const { reply } = await ask(exchange, operation, body);
    const after = await readItem(exchange, body.TableName, key);
    metered().writeUnits += countWriteUnits(before, after, table);
    if (after !== undefined) metered().items[JSON.stringify(key)] = countStoredBytes(after, table);
    return reply;
  };

  return startMeter(async (exchange) => {
    const operation = String(exchange.headers['x-amz-target']).replace(/^.*\./, '');
    if (/Table$/.test(operation)) return send(target, exchange);
    note(metered(), `DynamoDB ${operation}`);
    const body = JSON.parse(exchange.body.toString('utf8')) as DynamoDbRequest;
    if (/^(?:Put|Update|Delete)Item$/.test(operation)) return write(exchange, operation, body);
    if (!/^(?:GetItem|Query|Scan)$/.test(operation)) throw new Error(`${operation} is not metered`);
    const { reply, parsed } = await ask(exchange, operation, { ...body, ReturnConsumedCapacity: 'TOTAL' });
    // The emulator asks nothing for finding nothing; DynamoDB asks for the least that there is.
    metered().readUnits += Math.max(capacityOf(parsed), body.ConsistentRead === true ? 1 : 0.5);
    return reply;
  });
};
