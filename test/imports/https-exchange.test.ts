import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpsExchange, type Exchange } from '../../functions/imports/https-exchange.ts';
import { readText } from '../../functions/imports/read-answer.ts';
import {
  type CertificateFault,
  type IssuerAnswer,
  type MisbehavingIssuer,
  startMisbehavingIssuer,
} from '../support/misbehaving-issuer.ts';

const { signal } = new AbortController();
let server: MisbehavingIssuer;
let exchange: Exchange;
afterEach(async () => {
  exchange.close();
  await server.stop();
});

const start = async (
  options: {
    readonly certificate?: CertificateFault;
    readonly silence?: number;
    readonly hosts?: readonly string[];
  } = {},
) => {
  server = await startMisbehavingIssuer(options.certificate === undefined ? {} : { certificate: options.certificate });
  exchange = createHttpsExchange({
    source: { baseUrl: `https://${server.host}/fhir`, hosts: options.hosts ?? [] },
    trustedPrivateHosts: new Set(['127.0.0.1']),
    resolveHost: async () => ['127.0.0.1'],
    ...(options.silence === undefined ? {} : { silence: options.silence }),
  });
};
const get = (path = '/fhir') => exchange.send({ method: 'GET', url: `https://${server.host}${path}` }, signal);

describe('an exchange', () => {
  test('gives status, headers and body, over a connection that is kept', async () => {
    await start();
    server.answer = (_request, response) => void response.writeHead(418, { 'x-progress': '1 %' }).end('tea');
    for (let count = 0; count < 3; count++) {
      const answer = await get();
      expect([answer.status, answer.headers['x-progress']]).toEqual([418, '1 %']);
      expect(await readText(answer, 10, signal)).toBe('tea');
    }
    expect(server.connections()).toBe(1);
  });

  test('follows a redirect of GET to where it says, relative ones too, and tells where it ended', async () => {
    await start();
    server.at.set('/fhir', (_request, response) => void response.writeHead(307, { location: '/there' }).end());
    const answer = await get();
    expect([answer.status, answer.url]).toEqual([200, `https://${server.host}/there`]);
    answer.body.resume();
  });

  test('sends a token on to the same origin, and to no other', async () => {
    const seen: string[] = [];
    const other = await startMisbehavingIssuer();
    try {
      await start({ hosts: [other.host] });
      const note: IssuerAnswer = (request, response) => {
        seen.push(`${request.headers.host} ${request.url} ${request.headers.authorization}`);
        response.end();
      };
      const redirectTo =
        (location: string): IssuerAnswer =>
        (_request, response) =>
          void response.writeHead(302, { location }).end();
      server.at.set('/fhir', redirectTo('/there'));
      server.at.set('/away', redirectTo(`https://${other.host}/there`));
      // What comes back from elsewhere has lost it for good.
      server.at.set('/back', redirectTo(`https://${other.host}/back`));
      other.at.set('/back', redirectTo(`https://${server.host}/again`));
      server.answer = note;
      other.answer = note;
      for (const path of ['/fhir', '/away', '/back']) {
        const request = { method: 'GET', url: `https://${server.host}${path}`, authorization: 'Bearer x' } as const;
        (await exchange.send(request, signal)).body.resume();
      }
      expect(seen).toEqual([
        `${server.host} /there Bearer x`,
        `${other.host} /there undefined`,
        `${server.host} /again undefined`,
      ]);
    } finally {
      await other.stop();
    }
  });

  test.each<[CertificateFault]>([['other-authority'], ['other-host'], ['expired']])(
    'does not talk to a server whose certificate is of %s',
    async (certificate) => {
      await start({ certificate });
      await expect(get()).rejects.toMatchObject({
        code: 'EXPORT_UNAVAILABLE',
        cause: 'The certificate of the host is not to be trusted.',
      });
      expect(server.requests).toEqual([]);
    },
  );

  test('gives up on a server that does not answer', async () => {
    await start({ silence: 60 });
    server.answer = () => {};
    await expect(get()).rejects.toMatchObject({
      code: 'EXPORT_UNAVAILABLE',
      cause: 'The server did not answer in time.',
    });
  });

  test('gives up on a server that goes silent amid an answer', async () => {
    await start({ silence: 400 });
    server.answer = (_request, response) => void response.write('begun');
    const answer = await get();
    await expect(readText(answer, 100, signal)).rejects.toMatchObject({
      code: 'EXPORT_UNAVAILABLE',
      cause: 'The server went silent amid an answer.',
    });
  });

  test('has patience with a server whose answer waits to be read, and none with its silence afterwards', async () => {
    await start({ silence: 400 });
    const large = Buffer.alloc(512 * 1024, 'x');
    let isCutOff = false;
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': large.length });
      if (isCutOff) response.write(large.subarray(1));
      else response.end(large);
    };
    const takeTime = async (): Promise<string> => {
      const answer = await get();
      await once(answer.body, 'timeout');
      return readText(answer, large.length, signal);
    };
    expect(await takeTime()).toBe(large.toString());
    isCutOff = true;
    await expect(takeTime()).rejects.toMatchObject({ cause: 'The server went silent amid an answer.' });
  });

  test('tells of a connection that breaks off, and of one that cannot be made', async () => {
    await start();
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('some', () => response.destroy());
    };
    await expect(get().then((answer) => readText(answer, 100, signal))).rejects.toMatchObject({
      cause: 'The connection broke off amid an answer.',
    });
    const { host } = server;
    await server.stop();
    await expect(exchange.send({ method: 'GET', url: `https://${host}/fhir` }, signal)).rejects.toMatchObject({
      cause: 'The connection failed.',
    });
  });

  test('stops when it is told to', async () => {
    await start();
    server.answer = () => controller.abort(new Error('enough'));
    const controller = new AbortController();
    const call = exchange.send({ method: 'GET', url: `https://${server.host}/fhir` }, controller.signal);
    await expect(call).rejects.toThrow('enough');
  });
});
