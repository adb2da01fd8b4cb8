import { beforeEach, describe, expect, test } from 'vitest';
import { createCachingTenantRegistry } from '../../../functions/auth/caching-tenant-registry.ts';
import { createIssuerKeys } from '../../../functions/auth/issuer-keys.ts';
import type { Tenant } from '../../../functions/auth/tenant.ts';
import { createTokenVerifier } from '../../../functions/auth/verify-token.ts';
import { apiEvent } from '../../support/api-event.ts';
import { type AuthBench, createAuthBench, createTenant, tenantRecord } from '../../support/auth-bench.ts';
import { createTestApi, resourceOf, type TestApi } from '../../support/create-test-api.ts';
import { contractOrder } from '../../support/fhir-client.ts';
import {
  createEcKey,
  createEdKey,
  createRsaKey,
  encodePart,
  type Json,
  keySetOf,
  macParts,
  signToken,
} from '../../support/signed-tokens.ts';

const rsa = createRsaKey('rsa');
const foreignRsa = createRsaKey('rsa');
const keys = {
  RS256: rsa,
  RS384: { ...rsa, alg: 'RS384' },
  RS512: { ...rsa, alg: 'RS512' },
  ES256: createEcKey('p256', 'P-256', 'ES256'),
  ES384: createEcKey('p384', 'P-384', 'ES384'),
  ES512: createEcKey('p521', 'P-521', 'ES512'),
  EdDSA: createEdKey('ed'),
};
const withoutAlg = ({ jwk: { alg: _alg, ...jwk } }: typeof rsa): Json => jwk;
const every = createTenant('every', { algorithms: Object.keys(keys), audience: ['account'] });
const plain = createTenant('plain', { audience: ['EHealth'] });

let bench: AuthBench;
let api: TestApi;

beforeEach(() => {
  bench = createAuthBench([every, plain]);
  bench.documents.set(every.jwksUri, keySetOf(...Object.values(keys).map(withoutAlg)));
  bench.documents.set(plain.jwksUri, keySetOf(withoutAlg(rsa)));
  api = createTestApi({}, { verifier: bench.verifier });
});

const send = (token: string, method = 'GET', path = '$get-report-job-status') =>
  api.send(
    apiEvent(method, `/fhir/${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      ...(method === 'POST' ? { body: contractOrder } : {}),
    }),
  );
const statusOf = async (token: string) => (await send(token)).statusCode;
const signed = (members: Json = {}, tenant: Tenant = plain) => signToken(bench.claims(tenant, members), rsa);
const without = (name: string) => {
  const { [name]: _gone, ...claims } = bench.claims(plain);
  return signToken(claims, rsa);
};
const seconds = () => Math.floor(bench.clock.now() / 1000);

describe('contract, token: the signature', () => {
  test.each(Object.entries(keys))('contract, token: %s is accepted where the tenant allows it', async (_alg, key) =>
    expect(await statusOf(signToken(bench.claims(every), key))).toBe(200),
  );
  test('contract, token: of these only the ones that the tenant allows', async () =>
    expect(await statusOf(signToken(bench.claims(plain), keys.RS384))).toBe(401));
  test("contract, token: by the issuer's own keys and no others", async () =>
    expect(await statusOf(signToken(bench.claims(plain), foreignRsa))).toBe(401));
  test.each(['none', 'None', 'NONE'])('contract, token: never alg %s', async (alg) => {
    const input = `${encodePart({ alg, kid: 'rsa' })}.${encodePart(bench.claims(every))}`;
    for (const signature of ['', 'AAAA']) expect(await statusOf(`${input}.${signature}`)).toBe(401);
  });
  test('contract, token: never HMAC, keyed with what is public', async () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(await statusOf(macParts({ alg: 'HS256', kid: 'rsa' }, bench.claims(every), pem))).toBe(401);
  });
});

describe('contract, token: the refusal', () => {
  test.each([
    ['no token', '', 'Bearer realm="fhir"'],
    ['another scheme', 'Basic dTpw', 'Bearer realm="fhir"'],
    ['a token that is none', 'Bearer planted-token', 'Bearer realm="fhir", error="invalid_token"'],
  ])(
    'contract, token: %s is 401 login with its challenge, and is not repeated',
    async (_what, authorization, challenge) => {
      const event = apiEvent('GET', '/fhir/$get-report-job-status', { headers: { authorization } });
      const { statusCode, headers, body = '' } = await api.send(event);
      expect([statusCode, headers?.['www-authenticate']]).toEqual([401, challenge]);
      expect(JSON.parse(body).issue[0].code).toBe('login');
      expect(body).not.toContain('planted-token');
      expect(api.calls()).toBe(0);
    },
  );
});

describe('contract, token: the claims', () => {
  test.each(['iss', 'aud', 'exp', 'user_id', 'user_type'])('contract, token: %s is required', async (name) => {
    expect(await statusOf(without(name))).toBe(401);
    expect(await statusOf(signed())).toBe(200);
  });
  test('contract, token: realm_access.roles is required for anything that needs a role', async () =>
    expect(await statusOf(without('realm_access'))).toBe(403));
  test.each([['Binary.read'], [['Binary.read', 1]], [{ length: 1 }], [null]])(
    'contract, token: realm_access.roles %j is not an array of strings',
    async (roles) => expect(await statusOf(signed({ realm_access: { roles } }))).toBe(401),
  );
  test('contract, token: user_id is a string of at most 128 characters', async () => {
    expect(await statusOf(signed({ user_id: 'u'.repeat(128) }))).toBe(200);
    for (const user_id of ['u'.repeat(129), '', 1, null]) expect(await statusOf(signed({ user_id }))).toBe(401);
  });
  test.each(['PRACTITIONER', 'SYSTEM'])('contract, token: user_type %s may order reports', async (user_type) =>
    expect((await send(signed({ user_type }), 'POST', '$execute-patient-usage-stats')).statusCode).toBe(200),
  );
  test.each(['PATIENT', 'practitioner', 'OTHER'])('contract, token: user_type %s gets 403', async (user_type) => {
    for (const mode of ['execute', 'schedule', 'fetch']) {
      const answer = await send(signed({ user_type }), 'POST', `$${mode}-patient-usage-stats`);
      expect(answer.statusCode).toBe(403);
    }
    expect(api.jobs.all()).toEqual([]);
  });
  test("contract, token: iss and aud are the tenant's configuration", async () => {
    expect(await statusOf(signed({}, every))).toBe(200);
    expect(await statusOf(signed({ aud: 'EHealth' }, every))).toBe(401);
    expect(await statusOf(signed({ aud: ['other', 'account'] }, every))).toBe(200);
    expect(await statusOf(signed({ iss: 'https://unknown.example' }))).toBe(401);
  });
  test.each([
    ['exp', -29, 200],
    ['exp', -31, 401],
    ['nbf', 29, 200],
    ['nbf', 31, 401],
    ['iat', 29, 200],
    ['iat', 31, 401],
  ])('contract, token: a skew of 30 s is tolerated (%s %i s from now: %i)', async (name, offset, status) =>
    expect(await statusOf(signed({ [name]: seconds() + offset }))).toBe(status),
  );
});

describe('contract, token: the tenant', () => {
  test('contract, token: the issuer selects the tenant; of tenant A nothing of B is reached', async () => {
    const order = await send(signed({}, every), 'POST', '$execute-patient-usage-stats');
    const id = String(resourceOf(order)['id']);
    for (const path of [`Binary/${id}`, `Binary/${id}/_history`, `Binary/${id}/_history/1`]) {
      expect((await send(signed(), 'GET', path)).statusCode).toBe(404);
      expect((await send(signed({}, every), 'GET', path)).statusCode).toBe(200);
    }
    expect((await send(signed(), 'DELETE', `Binary/${id}`)).statusCode).toBe(404);
    expect(resourceOf(await send(signed()))).not.toHaveProperty('entry');
  });
  test('a tenant of another region is told so, and nobody who has no good token of its issuer', async () => {
    const regionBaseUrl = 'https://west.example/fhir';
    const moved: Tenant = { ...plain, region: 'eu-west-1', regionBaseUrl, elsewhere: true };
    const movedBench = createAuthBench([every, moved]);
    movedBench.documents.set(moved.jwksUri, keySetOf(withoutAlg(rsa)));
    api = createTestApi({}, { verifier: movedBench.verifier });
    const answer = await send(signed());
    expect([answer.statusCode, JSON.parse(answer.body ?? '').issue]).toEqual([
      421,
      [
        {
          severity: 'error',
          code: 'business-rule',
          details: {
            coding: [{ system: 'urn:serverless-reporting:error-code', code: 'GENERAL_MISDIRECTED_REQUEST' }],
            text: `Send the request to ${regionBaseUrl} instead.`,
          },
          diagnostics: 'The tenant of this token is served by another region of the service',
        },
      ],
    ]);
    const unproven = [
      signToken(bench.claims(moved), foreignRsa),
      signed({ exp: seconds() - 60 }),
      signed({ aud: 'x' }),
    ];
    for (const token of unproven) {
      const refused = await send(token);
      expect(refused.statusCode).toBe(401);
      expect(refused.body).not.toContain('region');
    }
    expect(api.calls()).toBe(0);
  });
  test('contract, token: tenants are added and changed without a deployment', async () => {
    const records = [tenantRecord('plain', { audience: ['other'] })];
    const registry = createCachingTenantRegistry({
      source: { readAll: async () => [...records] },
      clock: bench.clock,
      logger: bench.log,
      trustedPrivateHosts: new Set(),
      region: 'eu-north-1',
      cacheSeconds: 60,
    });
    const fetch = async () => keySetOf(withoutAlg(rsa));
    const issuerKeys = createIssuerKeys({ fetcher: { fetch }, clock: bench.clock, logger: bench.log });
    const verifier = createTokenVerifier({ registry, keys: issuerKeys, clock: bench.clock, logger: bench.log });
    api = createTestApi({}, { verifier });
    expect([await statusOf(signed()), await statusOf(signed({}, every))]).toEqual([401, 401]);
    records.splice(0, 1, tenantRecord('plain'), tenantRecord('every', { audience: ['account'] }));
    bench.clock.advance(301_000);
    expect([await statusOf(signed()), await statusOf(signed({}, every))]).toEqual([200, 200]);
  });
});
