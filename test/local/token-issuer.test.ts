import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRealms } from '../../local/issuer-realms.ts';
import { askIssuer } from '../../local/running-instance.ts';
import { startTokenIssuer, type TokenIssuer } from '../../local/token-issuer.ts';

const tenants = {
  demo: { issuer: 'https://login.test/realms/demo', audience: 'account' },
  other: { issuer: 'https://login.test/realms/other', audience: 'EHealth' },
};

describe('the issuer', () => {
  let issuer: TokenIssuer;
  const ask = (path: string, body?: unknown) => askIssuer({ issuer }, path, body);
  const readKeySet = async (tenant: string) =>
    createLocalJWKSet((await ask(new URL(issuer.jwksUri(tenant)).pathname)) as unknown as JSONWebKeySet);

  beforeAll(async () => {
    issuer = await startTokenIssuer(await openRealms(tenants));
  });
  afterAll(() => issuer.stop());

  it('signs tokens with the claims of a Keycloak access token, for the user of the contract', async () => {
    const { payload, protectedHeader } = await jwtVerify(await issuer.sign('demo'), await readKeySet('demo'));
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: tenants.demo.issuer,
      aud: 'account',
      exp: (payload.iat ?? 0) + 3600,
      iat: expect.any(Number),
      jti: expect.any(String),
      sub: 'fbf769fc-7131-4ad6-82f1-25537983f6b5',
      typ: 'Bearer',
      azp: expect.any(String),
      user_id: 'fbf769fc-7131-4ad6-82f1-25537983f6b5',
      user_type: 'PRACTITIONER',
      realm_access: { roles: ['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read'] },
    });
  });

  it('gives a token over HTTPS with the user, type and roles asked for', async () => {
    const { access_token } = await ask('/realms/other/tokens', { user: 'u', type: 'SYSTEM', roles: ['r'] });
    const { payload } = await jwtVerify(String(access_token), await readKeySet('other'));
    expect(payload).toMatchObject({
      aud: 'EHealth',
      user_id: 'u',
      sub: 'u',
      user_type: 'SYSTEM',
      realm_access: { roles: ['r'] },
    });
  });

  it('adds, replaces and takes away claims, and lets a token be over', async () => {
    const token = await issuer.sign('demo', { lifetimeSeconds: -60, claims: { user_id: null, aud: ['x'], extra: 1 } });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ aud: ['x'], extra: 1, exp: (claims.iat ?? 0) - 60 });
    expect(claims).not.toHaveProperty('user_id');
  });

  it("publishes a tenant's own key and no private part of it", async () => {
    await expect(jwtVerify(await issuer.sign('other'), await readKeySet('demo'))).rejects.toThrow();
    const { keys } = (await ask('/realms/demo/protocol/openid-connect/certs')) as unknown as JSONWebKeySet;
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']]);
  });

  it.each(['/realms/nobody/protocol/openid-connect/certs', '/realms/__proto__/tokens', '/'])(
    'knows nothing at %s',
    async (path) => {
      await expect(ask(path)).rejects.toThrow('realm_not_found');
    },
  );

  it('is not trusted by who does not know its certificate', async () => {
    await expect(fetch(issuer.jwksUri('demo'))).rejects.toThrow();
  });
});

describe('keys that are kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'realms-'));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('stay the same over a restart, for nobody else to read', async () => {
    const before = await openRealms(tenants, folder);
    expect(await openRealms(tenants, folder)).toEqual(before);
    expect(statSync(join(folder, 'issuer.json')).mode & 0o777).toBe(0o600);
    expect(await openRealms(tenants)).not.toEqual(before);
  });
});
