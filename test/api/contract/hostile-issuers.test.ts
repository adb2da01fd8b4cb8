import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHttpsJwksFetcher } from '../../../functions/auth/https-jwks-fetcher.ts';
import type { Tenant } from '../../../functions/auth/tenant.ts';
import { apiEvent } from '../../support/api-event.ts';
import { type AuthBench, createAuthBench, createTenant } from '../../support/auth-bench.ts';
import { createTestApi, resourceOf, type TestApi } from '../../support/create-test-api.ts';
import { contractOrder } from '../../support/fhir-client.ts';
import { breakOff, drip, flood, hang, publish, reset, say } from '../../support/issuer-answers.ts';
import { type IssuerAnswer, type MisbehavingIssuer, startMisbehavingIssuer } from '../../support/misbehaving-issuer.ts';
import { createEcKey, createRsaKey, type Json, signToken } from '../../support/signed-tokens.ts';

const key = createRsaKey('first');
const next = createRsaKey('second');
const neighbourKey = createRsaKey('first');
const minutes = (count: number) => count * 60_000;

let issuer: MisbehavingIssuer;
let impostor: MisbehavingIssuer;
let bench: AuthBench;
let api: TestApi;
let tenant: Tenant;
let neighbour: Tenant;

beforeAll(async () => {
  issuer = await startMisbehavingIssuer();
  impostor = await startMisbehavingIssuer({ certificate: 'other-authority' });
});
afterAll(async () => {
  await issuer.stop();
  await impostor.stop();
});

/** Two tenants of one issuer's host: the first is asked for at `/tenant`, where it can misbehave, the other is well. */
beforeEach(() => {
  issuer.requests.length = 0;
  issuer.at.set('/tenant', publish(key));
  issuer.at.set('/neighbour', publish(neighbourKey));
  tenant = { ...createTenant('tenant'), jwksUri: `https://${issuer.host}/tenant` };
  neighbour = { ...createTenant('neighbour'), jwksUri: `https://${issuer.host}/neighbour` };
  start();
});

const start = (): void => {
  const resolveHost = () => Promise.reject(new Error('SERVFAIL'));
  const trustedPrivateHosts = new Set([issuer.host, impostor.host, 'gone.example.dk']);
  bench = createAuthBench([tenant, neighbour], createHttpsJwksFetcher({ trustedPrivateHosts, resolveHost }));
  api = createTestApi({}, { verifier: bench.verifier, clock: bench.clock });
};

const ask = async (token: string, method = 'GET', path = '$get-report-job-status') => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  return api.send(
    apiEvent(method, `/fhir/${path}`, { headers, ...(method === 'POST' ? { body: contractOrder } : {}) }),
  );
};
const tokenOf = (signer = key, claims: Json = {}, header: Json = {}) =>
  signToken(bench.claims(tenant, claims), signer, header);
const neighbourToken = (claims: Json = {}) => signToken(bench.claims(neighbour, claims), neighbourKey);
const status = async (token: string) => (await ask(token)).statusCode;
const asked = () => issuer.requests.filter((path) => path === '/tenant').length;

const expectUnavailable = async (): Promise<void> => {
  const answer = await ask(tokenOf());
  expect([answer.statusCode, answer.headers?.['retry-after']]).toEqual([503, '5']);
  expect(answer.headers).not.toHaveProperty('www-authenticate');
  expect(JSON.parse(answer.body ?? '').issue[0].code).toBe('transient');
};

test.each<[string, IssuerAnswer]>([
  ['answers 503', say(503, '')],
  ['answers 429', say(429, '', { 'retry-after': '1' })],
  ['redirects', (_, response) => void response.writeHead(302, { location: '/neighbour' }).end()],
  ['answers 200 with HTML', say(200, '<html></html>', { 'content-type': 'text/html' })],
  ['answers {}', say(200, '{}')],
  ['publishes no key', publish()],
  ['publishes no usable key', publish(createRsaKey('first', 1024), { kty: 'oct', kid: 'first', k: 'AAAA' })],
  ['drops connections', reset],
  ['breaks off', breakOff],
])(
  'T53: an issuer that %s is 503, asked once in five seconds, and the neighbour does not notice',
  async (_, answer) => {
    issuer.at.set('/tenant', answer);
    await expectUnavailable();
    await expectUnavailable();
    expect(await status(neighbourToken())).toBe(200);
    bench.clock.advance(4_999);
    await expectUnavailable();
    expect(issuer.requests).toEqual(['/tenant', '/neighbour']);
    issuer.at.set('/tenant', publish(key));
    bench.clock.advance(1);
    expect(await status(tokenOf())).toBe(200);
  },
);

test.each([
  ['is not listening', () => 'https://127.0.0.1:1/tenant'],
  ['has a name that does not resolve', () => 'https://gone.example.dk/tenant'],
  ['has a certificate of another authority', () => `https://${impostor.host}/tenant`],
])('T53: an issuer that %s is 503, and the neighbour does not notice', async (_, uri) => {
  tenant = { ...tenant, jwksUri: uri() };
  start();
  await expectUnavailable();
  await expectUnavailable();
  expect(await status(neighbourToken())).toBe(200);
  expect(bench.fetched).toEqual([uri(), neighbour.jwksUri]);
  expect(impostor.requests).toEqual([]);
});

test('T53: what media type the keys are sent as does not matter', async () => {
  const keys = JSON.stringify({ keys: [key.jwk] });
  issuer.at.set('/tenant', say(200, keys, { 'content-type': 'text/plain' }));
  expect(await status(tokenOf())).toBe(200);
});

// Again where the machine stood still for the 100 ms that matter.
test('T54: an issuer that hangs or drips is 503 in 1.6 s and then at once, and the neighbour waits for neither', {
  retry: 2,
}, async () => {
  const dripping = { ...createTenant('dripping'), jwksUri: `https://${issuer.host}/dripping` };
  issuer.at.set('/tenant', hang);
  issuer.at.set('/dripping', drip);
  const trustedPrivateHosts = new Set([issuer.host]);
  bench = createAuthBench([tenant, neighbour, dripping], createHttpsJwksFetcher({ trustedPrivateHosts }));
  api = createTestApi({}, { verifier: bench.verifier, clock: bench.clock });
  // Timers set before and after the requests run late as the machine is late; the answers have to come between them.
  const order: string[] = [];
  const timer = (millis: number) =>
    new Promise<void>((resolve) => {
      setTimeout(() => {
        order.push(`${millis} ms`);
        resolve();
      }, millis);
    });
  const floor = timer(1_450);
  const drippingToken = signToken(bench.claims(dripping), key);
  const waiting = [tokenOf(), drippingToken].map(async (token) => {
    const { statusCode } = await ask(token);
    order.push(String(statusCode));
  });
  const ceiling = timer(1_600);
  expect(await status(neighbourToken())).toBe(200);
  expect(order).toEqual([]);
  await Promise.all([floor, ceiling, ...waiting]);
  expect(order).toEqual(['1450 ms', '503', '503', '1600 ms']);
  const fetched = bench.fetched.length;
  const again = performance.now();
  expect([await status(tokenOf()), await status(drippingToken)]).toEqual([503, 503]);
  expect(performance.now() - again).toBeLessThan(700);
  expect(bench.fetched).toHaveLength(fetched);
});

test.each<[string, IssuerAnswer]>([
  ['announces', flood(2_000_000)],
  ['does not announce', flood()],
])('T55: 2 MB or more of keys that the issuer %s are 503 long before the time limit', async (_, answer) => {
  issuer.at.set('/tenant', answer);
  const started = performance.now();
  await expectUnavailable();
  expect(performance.now() - started).toBeLessThan(750);
  expect(bench.log.of('ISSUER_UNAVAILABLE')).toMatchObject([{ tenant: 'tenant', reason: 'issuer-too-large' }]);
});

test('T56: one bad key among good ones is left out', async () => {
  const curve = createEcKey('bad', 'P-256', 'ES256');
  issuer.at.set('/tenant', publish({ ...curve.jwk, y: curve.jwk.x }, { kid: 7 }, key));
  expect(await status(tokenOf())).toBe(200);
  expect(bench.log.of('ISSUER_KEY_REJECTED')).toHaveLength(2);
});

test('T27: no address in a token is asked, not even that of its own issuer', async () => {
  const address = `https://${issuer.host}/planted`;
  const before = issuer.connections();
  for (const header of [{ jku: address }, { x5u: address }, { jku: tenant.jwksUri }]) {
    expect(await status(tokenOf(next, {}, header))).toBe(401);
  }
  expect([issuer.requests, issuer.connections() - before]).toEqual([[], 0]);
});

test('T30: an unknown kid is 401 and one fetch, also when fifty come at once', async () => {
  const statuses = await Promise.all(Array.from({ length: 50 }, (_v, n) => status(tokenOf(key, {}, { kid: `k${n}` }))));
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect(asked()).toBe(1);
});

test('T32: a known kid is 200 for ten minutes without another fetch', async () => {
  for (const advance of [0, minutes(5), minutes(5) - 1]) {
    bench.clock.advance(advance);
    expect(await status(tokenOf())).toBe(200);
  }
  expect(asked()).toBe(1);
});

test('T33: a new key is accepted within ten seconds of its publication, and the old one while it is published', async () => {
  expect(await status(tokenOf())).toBe(200);
  issuer.at.set('/tenant', publish(key, next));
  bench.clock.advance(10_000);
  expect([await status(tokenOf(next)), await status(tokenOf())]).toEqual([200, 200]);
  expect(asked()).toBe(2);
});

test('T34: a key that was withdrawn is accepted for ten minutes and then refused', async () => {
  issuer.at.set('/tenant', publish(key, next));
  expect(await status(tokenOf(next))).toBe(200);
  issuer.at.set('/tenant', publish(key));
  bench.clock.advance(minutes(10) - 1);
  expect(await status(tokenOf(next))).toBe(200);
  bench.clock.advance(1);
  expect([await status(tokenOf(next)), await status(tokenOf())]).toEqual([401, 200]);
});

test("T44: another tenant's Binary is 404 to the same user_id, as one that never was", async () => {
  const id = String(resourceOf(await ask(tokenOf(), 'POST', '$execute-patient-usage-stats'))['id']);
  const unknown = `${id.slice(0, -4)}ffff`;
  const see = async (method: string, path: string, of: string) => {
    const before = api.calls();
    const { statusCode, headers, body = '' } = await ask(neighbourToken(), method, path.replace('{id}', of));
    const told = JSON.stringify({ statusCode, headers: { ...headers, 'x-request-id': '' }, body });
    return [statusCode, told.replaceAll(of, '{id}'), api.calls() - before];
  };
  for (const path of ['Binary/{id}', 'Binary/{id}/_history', 'Binary/{id}/_history/1', 'Binary/{id}/_history/2']) {
    for (const method of ['GET', 'HEAD']) {
      const foreign = await see(method, path, id);
      expect(foreign).toEqual(await see(method, path, unknown));
      expect(foreign[0]).toBe(404);
    }
  }
  expect(await see('DELETE', 'Binary/{id}', id)).toEqual(await see('DELETE', 'Binary/{id}', unknown));
  expect((await ask(tokenOf(), 'GET', `Binary/${id}`)).statusCode).toBe(200);
});

test('T59: a tenant that the registry does not have, or has disabled, is 401 without a fetch', async () => {
  const good = tokenOf();
  for (const tenants of [[neighbour], [{ ...tenant, enabled: false }, neighbour]]) {
    bench = createAuthBench(tenants, { fetch: () => Promise.reject(new Error('asked')) });
    api = createTestApi({}, { verifier: bench.verifier });
    expect([await status(good), bench.fetched]).toEqual([401, []]);
  }
});

test('T60: fresh tokens in a container whose clock is two minutes behind are 401, and counted', async () => {
  const token = tokenOf();
  bench.clock.advance(-120_000);
  const answer = await ask(token);
  expect([answer.statusCode, answer.headers?.['www-authenticate']]).toEqual([
    401,
    'Bearer realm="fhir", error="invalid_token"',
  ]);
  expect(bench.log.of('TOKEN_AHEAD_OF_CLOCK')).toEqual([{ tenant: 'tenant', secondsAhead: 59, refusals: 1 }]);
});
