import { once } from 'node:events';
import { connect } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HttpFront, type InvokeApi, startHttpFront } from '../../local/http-front.ts';

let front: HttpFront;
let events: APIGatewayProxyEventV2[];

const serve = (result: Awaited<ReturnType<InvokeApi>>): void =>
  front.serve(async (event) => {
    events.push(event);
    return result;
  });

/** Sends bytes as they are and gives what comes back until the front closes the connection. */
const sendRaw = async (text: string): Promise<string> => {
  const socket = connect(Number(new URL(front.url).port), '127.0.0.1');
  socket.write(text);
  const chunks = (await socket.toArray()) as Buffer[];
  return Buffer.concat(chunks).toString('latin1');
};

beforeEach(async () => {
  events = [];
  front = await startHttpFront(0);
});

afterEach(async () => {
  vi.useRealTimers();
  await front.stop();
});

describe('what goes in', () => {
  it('is the event of the request that was sent over the wire', async () => {
    serve({ statusCode: 200 });
    await sendRaw(
      'POST /fhir/%24x?a=%20 HTTP/1.1\r\nHost: h\r\nAuthorization: one\r\nauthorization: two\r\nContent-Type: application/fhir+json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    );
    expect(events).toMatchObject([
      {
        rawPath: '/fhir/$x',
        rawQueryString: 'a=%20',
        headers: { authorization: 'one,two' },
        isBase64Encoded: true,
        body: 'e30=',
        requestContext: { http: { method: 'POST', sourceIp: '127.0.0.1' } },
      },
    ]);
  });

  it('reaches the function up to 10 MB, and no further', async () => {
    serve({ statusCode: 200 });
    const limit = 10 * 1024 * 1024;
    const send = (bytes: number) => fetch(front.url, { method: 'POST', body: new Uint8Array(bytes) });
    expect((await send(limit)).status).toBe(200);
    for (const bytes of [limit + 1, 3 * limit]) {
      const refused = await send(bytes);
      expect([refused.status, await refused.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    }
    expect(events).toHaveLength(1);
  });

  it('is refused with more than 10 240 bytes of headers', async () => {
    serve({ statusCode: 200 });
    const send = (bytes: number) => fetch(front.url, { headers: { 'x-filler': 'x'.repeat(bytes) } });
    expect((await send(9_000)).status).toBe(200);
    const refused = await send(10_240);
    expect([refused.status, await refused.json()]).toEqual([431, { message: 'Request Header Fields Too Large' }]);
    expect(events).toHaveLength(1);
  });

  it('is refused when its path cannot be decoded', async () => {
    serve({ statusCode: 200 });
    const refused = await fetch(`${front.url}/%ff`);
    expect([refused.status, await refused.json()]).toEqual([400, { message: 'Bad Request' }]);
  });
});

describe('what comes out', () => {
  it("has the function's status, headers, cookies and bytes", async () => {
    serve({
      statusCode: 410,
      headers: { 'content-type': 'application/zip', 'x-number': 7, etag: 'W/"2"' },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from([0, 255, 10]).toString('base64'),
      isBase64Encoded: true,
    });
    const response = await fetch(front.url);
    expect(response.status).toBe(410);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'x-number': '7',
      etag: 'W/"2"',
      'content-length': '3',
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255, 10]));
  });

  it('has text as UTF-8 when it is not base64', async () => {
    serve({ statusCode: 200, body: '{"æ":"€"}' });
    const response = await fetch(front.url);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ æ: '€' });
  });

  it.each([
    ['HEAD', 200],
    ['GET', 304],
    ['GET', 204],
  ])('has no body for %s with %i', async (method, statusCode) => {
    serve({ statusCode, headers: { etag: 'W/"1"' }, body: 'body' });
    const answer = await sendRaw(`${method} / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${statusCode} [^]*etag: W/"1"[^]*\\r\\n\\r\\n$`));
  });
});

describe('what the gateway says by itself', () => {
  it.each<[string, InvokeApi]>([
    ['the function fails', () => Promise.reject(new Error('secret'))],
    ["the answer is over Lambda's 6 MB", async () => ({ statusCode: 200, body: 'x'.repeat(6_291_556) })],
    ['a header cannot be sent', async () => ({ statusCode: 200, headers: { 'x-own': 'a\r\nb' } })],
  ])('is 500 when %s', async (_case, invoke) => {
    front.serve(invoke);
    const response = await fetch(front.url);
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    expect(response.headers.get('x-own')).toBeNull();
  });

  it('is nothing as long as the answer is within 6 MB', async () => {
    serve({ statusCode: 200, body: 'x'.repeat(6_200_000) });
    expect((await (await fetch(front.url)).text()).length).toBe(6_200_000);
  });

  it('is 503 after 30 s without an answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const called = Promise.withResolvers<void>();
    front.serve(() => {
      called.resolve();
      return new Promise(() => {});
    });
    const response = fetch(front.url);
    await called.promise;
    vi.advanceTimersByTime(30_000);
    expect([(await response).status, await (await response).json()]).toEqual([503, { message: 'Service Unavailable' }]);
  });

  it('is 503 before there is a function', async () => {
    expect((await fetch(front.url)).status).toBe(503);
  });
});

describe('the front', () => {
  it('A54: does not stop a function whose client has gone away, and answers the next', async () => {
    const [called, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let ended = false;
    front.serve(async () => {
      called.resolve();
      await gone.promise;
      ended = true;
      return { statusCode: 200 };
    });
    const socket = connect(Number(new URL(front.url).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await called.promise;
    socket.resetAndDestroy();
    gone.resolve();
    expect((await fetch(front.url)).status).toBe(200);
    expect(ended).toBe(true);
  });

  it('listens on 127.0.0.1 alone', async () => {
    const socket = connect(Number(new URL(front.url).port), '127.0.0.2');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/ECONNREFUSED|EADDRNOTAVAIL/);
  });

  it('says with EADDRINUSE that its port is taken', async () => {
    await expect(startHttpFront(Number(new URL(front.url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
