import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpsJwksFetcher } from '../../functions/auth/https-jwks-fetcher.ts';
import type { ResolveHost } from '../../functions/auth/resolve-host.ts';
import { breakOff, drip, flood, hang, reset } from '../support/issuer-answers.ts';
import { bytesInUse } from '../support/memory.ts';
import { type IssuerAnswer, type MisbehavingIssuer, startMisbehavingIssuer } from '../support/misbehaving-issuer.ts';

const hostname = 'login.tenant-a.dk';
let issuer: MisbehavingIssuer;
let plain: Server;
let asked: string[];

beforeAll(async () => {
  issuer = await startMisbehavingIssuer({ hostnames: [hostname] });
  plain = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('{"keys":[]}');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await issuer.stop();
  plain.closeAllConnections();
  plain.close();
});

beforeEach(() => {
  issuer.requests.length = 0;
  asked = [];
});

const loopback: ResolveHost = async () => ['127.0.0.1'];

/** Fetches from the issuer by its name, which resolves as told; its host is trusted unless told otherwise. */
const fetchKeys = async (
  options: { resolveHost?: ResolveHost; trusted?: readonly string[]; totalMillis?: number; bodyBytes?: number } = {},
) => {
  const { resolveHost = loopback, trusted = [hostname], totalMillis = 5_000, bodyBytes = 150_000 } = options;
  const fetcher = createHttpsJwksFetcher({
    trustedPrivateHosts: new Set(trusted),
    resolveHost,
    limits: { totalMillis, bodyBytes },
  });
  const bytes = await fetcher.fetch(`https://${hostname}:${issuer.port}/certs`);
  return Buffer.from(bytes).toString();
};

const failure = (reason: string) => ({
  code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
  details: { retryAfterSeconds: 5, reason },
});

describe('the fetcher', () => {
  it('returns the document, trusting a certificate of the default authorities that was added later', async () => {
    issuer.answer = (_, response) => response.end('{"keys":[]}');
    expect(await fetchKeys()).toBe('{"keys":[]}');
    const fetcher = createHttpsJwksFetcher({ trustedPrivateHosts: new Set([issuer.host]) });
    expect(Buffer.from(await fetcher.fetch(`https://${issuer.host}/certs`)).toString()).toBe('{"keys":[]}');
  });

  it.each(['other-authority', 'other-host', 'expired'] as const)(
    'T53: refuses a certificate with a fault: %s',
    async (certificate) => {
      const stranger = await startMisbehavingIssuer({ certificate });
      const fetcher = createHttpsJwksFetcher({ trustedPrivateHosts: new Set([stranger.host]) });
      await expect(fetcher.fetch(`https://${stranger.host}/certs`)).rejects.toMatchObject(failure('issuer-connection'));
      expect(stranger.requests).toEqual([]);
      await stranger.stop();
    },
  );

  it("refuses a certificate of another host's", async () => {
    const fetcher = createHttpsJwksFetcher({
      trustedPrivateHosts: new Set(['login.other.dk']),
      resolveHost: loopback,
    });
    await expect(fetcher.fetch(`https://login.other.dk:${issuer.port}/certs`)).rejects.toMatchObject(
      failure('issuer-connection'),
    );
    expect(issuer.requests).toEqual([]);
  });

  it.each([301, 302, 307, 308, 201, 204, 206, 304, 400, 401, 404, 429, 500, 503])(
    'T53: status %i is a failure, and a redirect is not followed',
    async (status) => {
      issuer.answer = (_, response) => {
        const { port } = plain.address() as AddressInfo;
        response.writeHead(status, {
          location: status % 2 === 0 ? `https://${issuer.host}/other` : `http://127.0.0.1:${port}/`,
        });
        response.end(status === 204 || status === 304 ? undefined : '{"keys":[]}');
      };
      await expect(fetchKeys()).rejects.toMatchObject(failure('issuer-status'));
      expect(issuer.requests).toEqual(['/certs']);
      expect(asked).toEqual([]);
    },
  );

  it('T53: a reset, a closed port and a name that does not resolve are failures', async () => {
    issuer.answer = reset;
    await expect(fetchKeys()).rejects.toMatchObject(failure('issuer-connection'));
    const fetcher = createHttpsJwksFetcher({ trustedPrivateHosts: new Set(['127.0.0.1']) });
    await expect(fetcher.fetch('https://127.0.0.1:1/certs')).rejects.toMatchObject(failure('issuer-connection'));
    for (const resolveHost of [async () => [], () => Promise.reject(new Error('SERVFAIL'))]) {
      await expect(fetchKeys({ resolveHost })).rejects.toMatchObject(failure('issuer-connection'));
    }
  });

  it('T53: a body that is cut short is a failure', async () => {
    issuer.answer = breakOff;
    await expect(fetchKeys()).rejects.toMatchObject(failure('issuer-connection'));
  });

  it.each<[string, IssuerAnswer]>([
    ['says nothing', hang],
    ['sends headers and no body', (_, response) => response.flushHeaders()],
    ['drips', drip],
  ])('T54: an issuer that %s is given up within the limit', async (_name, answer) => {
    issuer.answer = answer;
    const started = performance.now();
    await expect(fetchKeys({ totalMillis: 80 })).rejects.toMatchObject(failure('issuer-timeout'));
    expect(performance.now() - started).toBeLessThan(600);
  });

  it('T54: name servers that do not answer count towards the limit', async () => {
    const resolveHost: ResolveHost = () => new Promise<never>(() => {});
    await expect(fetchKeys({ resolveHost, totalMillis: 50 })).rejects.toMatchObject(failure('issuer-timeout'));
  });

  it('T55: a document of 2 MB is refused by its announced length', async () => {
    issuer.answer = flood(2_000_000);
    await expect(fetchKeys()).rejects.toMatchObject(failure('issuer-too-large'));
  });

  it('T55: one of 150 MB that announces no length is cut off, and memory stays flat', async () => {
    let sent = 0;
    issuer.answer = flood(undefined, (bytes) => {
      sent += bytes;
    });
    const before = bytesInUse();
    await expect(fetchKeys()).rejects.toMatchObject(failure('issuer-too-large'));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    expect(sent).toBeLessThan(20e6);
    // The issuer lives in this process too, with what it had on its way.
    expect(heapUsed + arrayBuffers - before).toBeLessThan(30e6);
  });

  it('takes a document of exactly the limit and none of one byte more', async () => {
    issuer.answer = (_, response) => {
      response.write(Buffer.alloc(500, 0x20));
      response.end(Buffer.alloc(500, 0x20));
    };
    expect(await fetchKeys({ bodyBytes: 1_000 })).toHaveLength(1_000);
    await expect(fetchKeys({ bodyBytes: 999 })).rejects.toMatchObject(failure('issuer-too-large'));
  });

  it('inflates nothing', async () => {
    issuer.answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(Buffer.alloc(10));
    };
    await expect(fetchKeys()).rejects.toMatchObject(failure('issuer-encoding'));
  });
});

describe('the address connected to', () => {
  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['8.8.8.8', '127.0.0.1'],
    ['not an address'],
  ])('T58: is refused when the name resolves to %s %s', async (...addresses) => {
    const before = issuer.connections();
    await expect(fetchKeys({ resolveHost: async () => addresses.filter(Boolean), trusted: [] })).rejects.toMatchObject(
      failure('issuer-address'),
    );
    expect(issuer.connections()).toBe(before);
  });

  it('T58: is never a metadata address, not even of a trusted host', async () => {
    for (const address of ['169.254.169.254', 'fd00:ec2::254']) {
      await expect(fetchKeys({ resolveHost: async () => [address] })).rejects.toMatchObject(failure('issuer-address'));
    }
  });

  it.each([
    'http://login.tenant-a.dk/certs',
    'https://127.0.0.1/certs',
    'https://user:password@login.tenant-a.dk/certs',
    'https://169.254.169.254/',
    'certs',
  ])('T58: is not even looked up for %s', async (uri) => {
    const looked: string[] = [];
    const resolveHost: ResolveHost = async (name) => {
      looked.push(name);
      return ['127.0.0.1'];
    };
    const fetcher = createHttpsJwksFetcher({ trustedPrivateHosts: new Set(), resolveHost });
    await expect(fetcher.fetch(uri)).rejects.toMatchObject(failure('issuer-address'));
    expect(looked).toEqual([]);
  });
});
