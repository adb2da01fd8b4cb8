import { sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { type AuthBench, createAuthBench, createTenant } from '../support/auth-bench.ts';
import {
  createEcKey,
  createEdKey,
  createRsaKey,
  encodePart,
  type Json,
  keySetOf,
  macParts,
  signInput,
  signParts,
  signToken,
} from '../support/signed-tokens.ts';

const rsa = createRsaKey('rsa-1');
const otherRsa = createRsaKey('rsa-1');
const weakRsa = createRsaKey('rsa-weak', 1024);
const p256 = createEcKey('p256', 'P-256', 'ES256');
const p384 = createEcKey('p384', 'P-384', 'ES384');
const ed = createEdKey('ed');
const withoutAlg = (key: typeof rsa, members: Json = {}) => {
  const { alg, ...jwk } = key.jwk;
  return { ...jwk, ...members };
};

const tenantA = createTenant('tenant-a');
const tenantB = createTenant('tenant-b');
const modern = createTenant('modern', { algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] });
const disabled = createTenant('disabled', { enabled: false });
const rolesElsewhere = createTenant('elsewhere', { rolesClaim: 'roles' });

let bench: AuthBench;

beforeEach(() => {
  bench = createAuthBench([tenantA, tenantB, modern, disabled, rolesElsewhere]);
  for (const tenant of [tenantA, disabled, rolesElsewhere]) bench.documents.set(tenant.jwksUri, keySetOf(rsa));
  bench.documents.set(tenantB.jwksUri, keySetOf(otherRsa));
  bench.documents.set(
    modern.jwksUri,
    keySetOf(withoutAlg(rsa), withoutAlg(p256), withoutAlg(p384), withoutAlg(ed), weakRsa),
  );
});

/** What is left of a refusal for a test to compare, after a check that it tells nothing of the token. */
const refusalOf = async (authorization: string | undefined) => {
  try {
    await bench.verifier.verify(authorization);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.cause).toBeUndefined();
    const told = `${error.stack}${JSON.stringify(error)}`;
    const parts = (authorization ?? '').split(/[ .,]+/).filter((text) => text.length > 12);
    expect(parts.filter((part) => told.includes(part))).toEqual([]);
    const { challenge, reason, expired = false } = error.details;
    return { code: error.code, challenge, reason, expired };
  }
  return { code: 'accepted' };
};

const refused = (reason: unknown, challenge = 'invalid_token') => ({
  code: 'SECURITY_TOKEN_INVALID',
  challenge,
  reason,
  expired: false,
});

const bearer = (token: string) => `Bearer ${token}`;
const good = (members: Json = {}, header: Json = {}) => bearer(signToken(bench.claims(tenantA, members), rsa, header));
const seconds = () => Math.floor(bench.clock.now() / 1000);

describe('a token that is right', () => {
  it("gives the caller: the issuer's tenant, the user and the roles", async () => {
    const caller = await bench.verifier.verify(good());
    expect(caller).toEqual({
      tenant: tenantA,
      userId: 'fbf769fc-7131-4ad6-82f1-25537983f6b5',
      userType: 'PRACTITIONER',
      roles: new Set(['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read']),
    });
  });

  it('is accepted from an independent signer too', async () => {
    const token = await new SignJWT({ ...bench.claims(tenantA) })
      .setProtectedHeader({ alg: 'RS256', kid: rsa.kid, typ: 'JWT' })
      .sign(rsa.privateKey);
    expect((await bench.verifier.verify(bearer(token))).tenant).toBe(tenantA);
  });

  it('T4: may follow the scheme in any case and more than one space', async () => {
    const token = good().slice('Bearer '.length);
    for (const header of [`bearer ${token}`, `BEARER ${token}`, `Bearer  ${token}`, ` Bearer ${token} `]) {
      expect((await refusalOf(header)).code).toBe('accepted');
    }
  });

  it.each([
    ['RS256', rsa],
    ['ES256', p256],
    ['ES384', p384],
    ['EdDSA', ed],
  ])('T21: %s is accepted where the tenant allows it and the key names no algorithm', async (alg, key) => {
    expect(key.alg).toBe(alg);
    const caller = await bench.verifier.verify(bearer(signToken(bench.claims(modern), key)));
    expect(caller.tenant).toBe(modern);
  });

  it.each(['at+jwt', 'AT+JWT', 'jwt', 'application/at+jwt'])('T28: typ %s is accepted', async (typ) => {
    expect((await refusalOf(good({}, { typ }))).code).toBe('accepted');
    expect((await refusalOf(good({ typ: 'Bearer' }))).code).toBe('accepted');
  });

  it('T28: typ may be absent', async () => {
    const token = signParts({ alg: 'RS256', kid: rsa.kid }, bench.claims(tenantA), rsa);
    expect((await refusalOf(bearer(token))).code).toBe('accepted');
  });

  it('is verified anew each time: nothing of an earlier success is remembered', async () => {
    const header = good();
    await bench.verifier.verify(header);
    bench.clock.advance(300_000);
    expect(await refusalOf(header)).toMatchObject({ reason: 'expired' });
  });
});

describe('the Authorization header', () => {
  it.each([undefined, '', '   '])('T1: %o is no token', async (header) => {
    expect(await refusalOf(header)).toEqual(refused('token-missing', 'none'));
  });

  it('T2: another scheme, or none, is no token', async () => {
    const token = good().slice('Bearer '.length);
    for (const header of [
      'Basic dTpw',
      `Bearerx ${token}`,
      token,
      `Ｂearer ${token}`,
      `Bearer\t${token}`,
      `, Bearer ${token}`,
    ]) {
      expect(await refusalOf(header)).toEqual(refused('scheme-unknown', 'none'));
    }
  });

  it('T3: a scheme without a token is an invalid token', async () => {
    for (const header of ['Bearer', 'Bearer ']) expect(await refusalOf(header)).toEqual(refused('token-empty'));
  });

  it('T6: sent twice, none of the two is picked', async () => {
    const header = `${good()},${good()}`;
    expect(await refusalOf(header)).toMatchObject({ code: 'GENERAL_VALIDATION_ERROR', challenge: 'invalid_request' });
    expect(await refusalOf(header.replace(',', ', '))).toMatchObject({ code: 'GENERAL_VALIDATION_ERROR' });
  });

  it('T7: a foreign scheme in front hides the token behind it', async () => {
    expect(await refusalOf(`Basic dTpw, ${good()}`)).toEqual(refused('scheme-unknown', 'none'));
  });

  it('refuses more than one token', async () => {
    expect(await refusalOf(`${good()} ${good()}`)).toEqual(refused('token-form'));
  });
});

describe('the form of a token', () => {
  it('T10: more than 8 KiB is refused before anything is decoded or fetched; 8 KiB is not', async () => {
    const room = 8192 - good().length + 'Bearer '.length;
    const filler = (length: number) => 'a'.repeat(length);
    const longest = good({ filler: filler(Math.floor((room * 3) / 4) - 20) });
    expect(longest.length).toBeGreaterThan(8100);
    expect((await refusalOf(longest)).code).toBe('accepted');
    bench.fetched.length = 0;
    expect(await refusalOf(good({ filler: filler(6200) }))).toEqual(refused('token-too-long'));
    expect(bench.fetched).toEqual([]);
  });

  it('T11: anything but three parts, none of them empty, is refused', async () => {
    const [header = '', payload = '', signature = ''] = good().slice('Bearer '.length).split('.');
    const forms = [
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.${signature}`,
      `${header}.${payload}.${signature}.${signature}.${signature}`,
      `${header}.${payload}.${signature}.`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${header}.${payload}.`,
      '..',
      '.',
      'a',
    ];
    for (const form of forms) {
      expect(['token-form', 'token-encoding']).toContain((await refusalOf(bearer(form))).reason);
    }
  });

  it('T11: a second spelling of the same bytes is refused: padding, the alphabet of base64, loose bits', async () => {
    const token = good();
    const loose = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`;
    for (const form of [`${token}=`, `${token}==`, loose, token.replace(/.$/, '+'), token.replace(/.$/, '/')]) {
      expect((await refusalOf(form)).code).toBe('SECURITY_TOKEN_INVALID');
    }
  });

  it.each([
    ['text', 'not json'],
    ['array', []],
    ['null', 'null'],
    ['string', '"text"'],
    ['number', '1'],
    ['BOM', '\ufeff{}'],
    ['nothing', ' '],
    ['trailing garbage', '{}{}'],
  ])('T13: a header or payload that is no JSON object is refused (%s)', async (_, part) => {
    const header = { alg: 'RS256', kid: rsa.kid };
    expect(await refusalOf(bearer(signParts(part, bench.claims(tenantA), rsa)))).toEqual(refused('token-json'));
    expect(await refusalOf(bearer(signParts(header, part, rsa)))).toEqual(refused('token-json'));
  });

  it('T13: a BOM in front of good JSON is refused', async () => {
    const header = `\ufeff${JSON.stringify({ alg: 'RS256', kid: rsa.kid })}`;
    expect(await refusalOf(bearer(signParts(header, bench.claims(tenantA), rsa)))).toEqual(refused('token-json'));
  });

  it('refuses claims that are not UTF-8', async () => {
    const json = Buffer.from(JSON.stringify(bench.claims(tenantA, { user_id: '?' })));
    json[json.indexOf('"?"') + 1] = 0xff;
    const header = { alg: 'RS256', kid: rsa.kid };
    expect(await refusalOf(bearer(signParts(header, json, rsa)))).toEqual(refused('token-encoding'));
  });

  it('T15: deep nesting is refused at once, signed or not, in header and payload', async () => {
    const deep = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const header = { alg: 'RS256', kid: rsa.kid };
    const tokens = [
      signParts(header, deep(2500), rsa),
      signParts(deep(2500), bench.claims(tenantA), rsa),
      `${encodePart(header)}.${encodePart(deep(200_000))}.AAAA`,
      `${encodePart(header)}.${encodePart('['.repeat(5000))}.AAAA`,
      `${encodePart(header)}.${encodePart('{"a":'.repeat(1000))}.AAAA`,
    ];
    const fastest = tokens.map(() => Number.POSITIVE_INFINITY);
    // The machine may be busy with other tests: the fastest of up to fifty rounds counts.
    for (let round = 0; round < 50 && Math.max(...fastest) >= 10; round += 1) {
      for (const [index, token] of tokens.entries()) {
        const started = performance.now();
        const refusal = await refusalOf(bearer(token));
        fastest[index] = Math.min(fastest[index] ?? 0, performance.now() - started);
        expect(refusal.code).toBe('SECURITY_TOKEN_INVALID');
      }
    }
    expect(Math.max(...fastest)).toBeLessThan(10);
    expect(await refusalOf(bearer(signParts(header, deep(33), rsa)))).toEqual(refused('token-json'));
  });

  it('T15: brackets inside texts are not nesting', async () => {
    expect((await refusalOf(good({ note: `${'['.repeat(100)}\\"${'{'.repeat(100)}` }))).code).toBe('accepted');
  });
});

describe('algorithm and key', () => {
  it.each(['none', 'None', 'NONE', 'nOnE'])('T16: alg %s is refused, with any signature', async (alg) => {
    const input = `${encodePart({ alg, kid: rsa.kid })}.${encodePart(bench.claims(tenantA))}`;
    expect((await refusalOf(bearer(`${input}.`))).code).toBe('SECURITY_TOKEN_INVALID');
    expect(await refusalOf(bearer(`${input}.AAAA`))).toEqual(refused('header-alg'));
  });

  it.each([[undefined], [null], [256], [['RS256']], [''], ['rs256'], ['RS256 ']])(
    'refuses alg %o, which is none of the known names',
    async (alg) => {
      expect(await refusalOf(good({}, { alg }))).toEqual(refused('header-alg'));
    },
  );

  it('T18: an HMAC keyed with what is public is refused', async () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const octets = Buffer.from('secret').toString('base64url');
    bench.documents.set(tenantA.jwksUri, keySetOf(rsa, { kty: 'oct', kid: 'oct', alg: 'HS256', k: octets }));
    const hmac = { alg: 'HS256', typ: 'JWT' };
    expect(await refusalOf(bearer(macParts({ ...hmac, kid: rsa.kid }, bench.claims(tenantA), pem)))).toEqual(
      refused('header-alg'),
    );
    expect(await refusalOf(bearer(macParts({ ...hmac, kid: 'oct' }, bench.claims(tenantA), 'secret')))).toEqual(
      refused('header-alg'),
    );
    const dressed = macParts({ alg: 'RS256', kid: rsa.kid }, bench.claims(tenantA), pem);
    expect(await refusalOf(bearer(dressed))).toEqual(refused('signature-wrong'));
  });

  it('T19: an algorithm that the tenant does not allow is refused before the key is looked for', async () => {
    const claims = bench.claims(tenantA);
    const rs512 = signParts({ alg: 'RS512', kid: rsa.kid }, claims, rsa, 'RS512');
    expect(await refusalOf(bearer(rs512))).toEqual(refused('alg-not-allowed'));
    expect(await refusalOf(bearer(signParts({ alg: 'PS256', kid: rsa.kid }, claims, rsa, 'RS256')))).toEqual(
      refused('header-alg'),
    );
    expect(bench.fetched).toEqual([]);
  });

  it('T20: an algorithm that does not fit the type or curve of the key is refused, though the key names none', async () => {
    const claims = bench.claims(modern);
    const misfits = [
      signParts({ alg: 'RS256', kid: p256.kid }, claims, p256, 'ES256'),
      signParts({ alg: 'ES256', kid: p384.kid }, claims, p384, 'ES256'),
      signParts({ alg: 'ES512', kid: p256.kid }, claims, p256, 'ES512'),
      signParts({ alg: 'EdDSA', kid: rsa.kid }, claims, rsa, 'RS256'),
      signParts({ alg: 'ES256', kid: ed.kid }, claims, p256, 'ES256'),
      signParts({ alg: 'ES256', kid: rsa.kid }, claims, rsa, 'RS256'),
    ];
    for (const token of misfits) expect(await refusalOf(bearer(token))).toEqual(refused('key-unfit'));
  });

  it('T20: an algorithm other than the one that the key names is refused', async () => {
    bench.documents.set(modern.jwksUri, keySetOf(rsa));
    const token = signParts({ alg: 'RS512', kid: rsa.kid }, bench.claims(modern), rsa, 'RS512');
    expect(await refusalOf(bearer(token))).toEqual(refused('key-unfit'));
  });

  it('T22: an ES256 signature in DER is refused', async () => {
    const input = `${encodePart({ alg: 'ES256', kid: p256.kid })}.${encodePart(bench.claims(modern))}`;
    const der = sign('sha256', Buffer.from(input), p256.privateKey).toString('base64url');
    expect(await refusalOf(bearer(`${input}.${der}`))).toEqual(refused('signature-wrong'));
  });

  it.each([
    ['empty of zeros', Buffer.alloc(64)],
    ['one byte', Buffer.from([0])],
    ['too long', Buffer.alloc(300)],
  ])('refuses an ES256 signature that is %s', async (_, signature) => {
    const input = `${encodePart({ alg: 'ES256', kid: p256.kid })}.${encodePart(bench.claims(modern))}`;
    expect(await refusalOf(bearer(`${input}.${signature.toString('base64url')}`))).toEqual(refused('signature-wrong'));
  });

  it('T24: a key that is weak or not for signatures verifies nothing, and the operator is told', async () => {
    const e1 = withoutAlg(rsa, { e: 'AQ', kid: 'e1' });
    const enc = withoutAlg(rsa, { kid: 'enc', use: 'enc' });
    const ops = withoutAlg(rsa, { kid: 'ops', key_ops: ['encrypt'] });
    bench.documents.set(modern.jwksUri, keySetOf(p256, weakRsa, e1, enc, ops));
    for (const kid of ['rsa-weak', 'e1', 'enc', 'ops']) {
      const key = kid === 'rsa-weak' ? weakRsa : { ...rsa, kid };
      expect(await refusalOf(bearer(signToken(bench.claims(modern), key)))).toEqual(refused('key-unknown'));
    }
    expect(bench.log.of('ISSUER_KEY_REJECTED').map(({ reason }) => reason)).toEqual([
      'weak',
      'weak',
      'purpose',
      'purpose',
    ]);
  });

  it.each([
    ['crit', ['exp']],
    ['crit', ['unknown']],
    ['crit', []],
    ['b64', false],
    ['b64', true],
  ])('T26: %s %o is not understood', async (name, value) => {
    expect(await refusalOf(good({}, { [name]: value }))).toEqual(refused('header-critical'));
  });

  it('T27: a key that the token brings along is refused and never asked for', async () => {
    const asked: string[] = [];
    const listener = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(keySetOf(otherRsa));
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`;
    const attacks: Json[] = [{ jku: address }, { x5u: address }, { x5c: ['MIIB'] }, { jwk: otherRsa.jwk }];
    for (const header of attacks) {
      const token = signToken(bench.claims(tenantA), otherRsa, header);
      expect(await refusalOf(bearer(token))).toEqual(refused('header-foreign-key'));
    }
    await new Promise((resolve) => listener.close(resolve));
    expect(asked).toEqual([]);
    expect(bench.fetched).toEqual([]);
  });

  it.each(['logout+jwt', 'JOSE', 'dpop+jwt', '', null, 1, ['JWT']])('T28: typ %o is refused', async (typ) => {
    expect(await refusalOf(good({}, { typ }))).toEqual(refused('header-typ'));
  });

  it.each(['ID', 'Refresh', 'Offline', 'Logout', '', null, 1])(
    'T28: a payload that says it is %o is no access token',
    async (typ) => {
      expect(await refusalOf(good({ typ }))).toEqual(refused('not-an-access-token'));
    },
  );

  it.each([undefined, '', null, 7, 'k'.repeat(3000), 'rsa-1\r\nx: y', "' OR 1=1 --", ['rsa-1'], {}])(
    'T29: kid %o is refused without a fetch',
    async (kid) => {
      expect(await refusalOf(good({}, { kid }))).toEqual(refused('header-kid'));
      expect(bench.fetched).toEqual([]);
    },
  );

  it('T29: a kid that is a path is only an unknown kid', async () => {
    expect(await refusalOf(good({}, { kid: '../../etc/passwd' }))).toEqual(refused('key-unknown'));
    expect(await refusalOf(good({}, { kid: '__proto__' }))).toEqual(refused('key-unknown'));
    expect(JSON.stringify(bench.log.entries)).not.toContain('passwd');
  });

  it('T30: an unknown kid costs one fetch, however often it is sent', async () => {
    for (let time = 0; time < 5; time += 1) {
      expect(await refusalOf(good({}, { kid: `unknown-${time}` }))).toEqual(refused('key-unknown'));
    }
    expect(bench.fetched).toHaveLength(1);
  });

  it('a signature over other claims, by another key, or cut short is refused', async () => {
    const [header, , signature] = good().slice('Bearer '.length).split('.');
    const forged = encodePart(bench.claims(tenantA, { user_id: 'somebody-else' }));
    expect(await refusalOf(bearer(`${header}.${forged}.${signature}`))).toEqual(refused('signature-wrong'));
    expect(await refusalOf(bearer(signToken(bench.claims(tenantA), otherRsa)))).toEqual(refused('signature-wrong'));
    expect(await refusalOf(bearer(`${header}.${forged}.AAAA`))).toEqual(refused('signature-wrong'));
  });

  it('a token of one tenant, signed by the key of another with the same kid, is refused', async () => {
    expect(otherRsa.kid).toBe(rsa.kid);
    expect(await refusalOf(bearer(signToken(bench.claims(tenantB), rsa)))).toEqual(refused('signature-wrong'));
    expect((await bench.verifier.verify(bearer(signToken(bench.claims(tenantB), otherRsa)))).tenant).toBe(tenantB);
  });
});

describe('times', () => {
  it('T36: a missing exp is refused', async () => {
    expect(await refusalOf(good({ exp: undefined }))).toEqual(refused('claim-exp'));
  });

  it.each([null, '1', true, [], {}])('T36: exp %o is refused', async (exp) => {
    expect(await refusalOf(good({ exp }))).toEqual(refused('claim-type'));
  });

  it('T37: 29 s past exp is within the skew, 40 s is expired', async () => {
    expect((await refusalOf(good({ exp: seconds() - 29 }))).code).toBe('accepted');
    expect(await refusalOf(good({ exp: seconds() - 40 }))).toEqual({ ...refused('expired'), expired: true });
  });

  it('T37: to the millisecond, a token ends with the skew', async () => {
    bench.clock.advance(1_000 - (bench.clock.now() % 1_000));
    const ended = good({ exp: seconds() - 30 });
    expect(await refusalOf(ended)).toMatchObject({ expired: true });
    bench.clock.advance(-1);
    expect((await refusalOf(ended)).code).toBe('accepted');
  });

  it('T37: only an authentic token is told that it has expired', async () => {
    const token = signToken(bench.claims(tenantA, { exp: seconds() - 40 }), otherRsa);
    expect(await refusalOf(bearer(token))).toEqual(refused('signature-wrong'));
  });

  it.each(['(now) * 1000', '1e308', '-1e308', '0', '-1'])('T38: exp %s is no time', async (exp) => {
    const claims = JSON.stringify(bench.claims(tenantA, { exp: 'EXP' }));
    const text = exp.startsWith('(') ? String(seconds() * 1000) : exp;
    const token = signParts({ alg: 'RS256', kid: rsa.kid }, claims.replace('"EXP"', text), rsa);
    expect(await refusalOf(bearer(token))).toEqual(refused('claim-exp'));
  });

  it('T39: nbf is honoured, with the skew', async () => {
    expect((await refusalOf(good({ nbf: seconds() + 20 }))).code).toBe('accepted');
    expect(await refusalOf(good({ nbf: seconds() + 300 }))).toEqual(refused('not-yet-valid'));
    expect(await refusalOf(good({ nbf: 1e300 }))).toEqual(refused('not-yet-valid'));
    for (const nbf of ['0', null, true, []]) expect(await refusalOf(good({ nbf }))).toEqual(refused('claim-type'));
  });

  it('T40: iat must be there, not in the future and at most a day old', async () => {
    expect(await refusalOf(good({ iat: undefined }))).toEqual(refused('claim-iat'));
    for (const iat of [null, '0', []]) expect(await refusalOf(good({ iat }))).toEqual(refused('claim-type'));
    expect(await refusalOf(good({ iat: seconds() + 3600 }))).toEqual(refused('issued-in-future'));
    expect(await refusalOf(good({ iat: seconds() - 2 * 86_400 }))).toEqual(refused('issued-too-long-ago'));
    expect((await refusalOf(good({ iat: seconds() + 20 }))).code).toBe('accepted');
    expect((await refusalOf(good({ iat: seconds() - 86_000 }))).code).toBe('accepted');
  });
});

describe('issuer and audience', () => {
  const strangers: readonly [string, unknown][] = [
    ['missing', undefined],
    ['unknown', 'https://login.example.org/realms/x'],
    ['with a trailing slash', `${tenantA.issuer}/`],
    ['in another case', tenantA.issuer.toUpperCase()],
    ['an array', [tenantA.issuer]],
    ['__proto__', '__proto__'],
    ['a homoglyph', tenantA.issuer.replace('o', '\u043e')],
    ['with a zero-width space', `${tenantA.issuer}\u200b`],
    ['null', null],
    ['empty', ''],
  ];

  it.each(strangers)('T41: an issuer that is %s costs no fetch', async (_, iss) => {
    expect(await refusalOf(good({ iss }))).toEqual(refused('issuer-unknown'));
    expect(bench.fetched).toEqual([]);
  });

  it('T41: an issuer under __proto__ is no issuer', async () => {
    const claims = JSON.stringify(bench.claims(tenantA, { iss: undefined }));
    const payload = claims.replace('{', `{"__proto__":{"iss":"${tenantA.issuer}"},`);
    expect(await refusalOf(bearer(signParts({ alg: 'RS256', kid: rsa.kid }, payload, rsa)))).toEqual(
      refused('issuer-unknown'),
    );
  });

  it.each([
    ['missing', undefined],
    ['another', 'account'],
    ['an empty list', []],
    ['nested', [['EHealth']]],
    ['in another case', 'ehealth'],
    ['with a trailing space', 'EHealth '],
    ['a list with something else than texts', ['EHealth', 1]],
    ['an object', { 0: 'EHealth', length: 1 }],
    ['null', null],
  ])('T43: an audience that is %s is refused', async (_, aud) => {
    expect((await refusalOf(good({ aud }))).code).toBe('SECURITY_TOKEN_INVALID');
  });

  it('T43: a list with our audience in it is accepted', async () => {
    expect((await refusalOf(good({ aud: ['account', 'EHealth'] }))).code).toBe('accepted');
  });

  it('T59: a disabled tenant accepts no token, and its issuer is not asked', async () => {
    expect(await refusalOf(bearer(signToken(bench.claims(disabled), rsa)))).toEqual(refused('tenant-disabled'));
    expect(bench.fetched).toEqual([]);
  });
});

describe('user and roles', () => {
  it.each([undefined, null, '', 1, ['x'], 'x'.repeat(129), 'a\u0000b', 'a\nb', 'a\u202eb', '\ud800'])(
    'refuses user_id %o',
    async (user_id) => {
      expect(await refusalOf(good({ user_id }))).toEqual(refused('claim-user-id'));
    },
  );

  it('accepts a user_id of 128 characters', async () => {
    expect((await bench.verifier.verify(good({ user_id: 'å'.repeat(128) }))).userId).toHaveLength(128);
  });

  it.each([undefined, null, '', 1, ['PRACTITIONER'], { length: 1 }])('refuses user_type %o', async (user_type) => {
    expect(await refusalOf(good({ user_type }))).toEqual(refused('claim-user-type'));
  });

  it('leaves a user_type that it does not know to the operations', async () => {
    expect((await bench.verifier.verify(good({ user_type: 'PATIENT' }))).userType).toBe('PATIENT');
  });

  it.each([
    ['a text', 'Binary.read'],
    ['an object with a length', { 0: 'Binary.read', length: 1 }],
    ['nested', [['Binary.read']]],
    ['null', null],
    ['with a number in it', ['Binary.read', 1]],
    ['a number', 7],
  ])('T48: roles that are %s are refused, not coerced', async (_, roles) => {
    expect(await refusalOf(good({ realm_access: { roles } }))).toEqual(refused('claim-roles'));
  });

  it.each([null, 'roles', ['roles'], 1])('T48: realm_access %o is refused', async (realm_access) => {
    expect(await refusalOf(good({ realm_access }))).toEqual(refused('claim-roles'));
  });

  it.each([
    ['missing', { realm_access: undefined }],
    ['missing inside', { realm_access: {} }],
    ['empty', { realm_access: { roles: [] } }],
  ])('T49: roles that are %s are no roles', async (_, claims) => {
    expect((await bench.verifier.verify(good(claims))).roles).toEqual(new Set());
  });

  it('T49: roles are kept to the letter', async () => {
    const roles = ['binary.READ', 'Binary.readonly', '*', 'Binary.read '];
    expect((await bench.verifier.verify(good({ realm_access: { roles } }))).roles.has('Binary.read')).toBe(false);
  });

  it('T49: roles under __proto__ are no roles', async () => {
    const claims = JSON.stringify(bench.claims(tenantA, { realm_access: 'ACCESS' }));
    const payload = claims.replace('"ACCESS"', '{"__proto__":{"roles":["Binary.read"]}}');
    const token = signParts({ alg: 'RS256', kid: rsa.kid }, payload, rsa);
    expect((await bench.verifier.verify(bearer(token))).roles).toEqual(new Set());
  });

  it('T49: what every object has is no role', async () => {
    const inherited = createTenant('inherited', { rolesClaim: 'toString' });
    const { verifier, documents, claims } = createAuthBench([inherited]);
    documents.set(inherited.jwksUri, keySetOf(rsa));
    expect((await verifier.verify(bearer(signToken(claims(inherited), rsa)))).roles).toEqual(new Set());
  });

  it('T50: roles elsewhere than at the configured claim are no roles', async () => {
    const elsewhere = bench.claims(rolesElsewhere);
    expect((await bench.verifier.verify(bearer(signToken(elsewhere, rsa)))).roles).toEqual(new Set());
    const there = signToken({ ...elsewhere, roles: ['Binary.read'] }, rsa);
    expect((await bench.verifier.verify(bearer(there))).roles).toEqual(new Set(['Binary.read']));
  });
});

describe('when keys cannot be had', () => {
  it("T53: the tenant's tokens are neither accepted nor refused, and other tenants do not notice", async () => {
    bench.documents.delete(tenantA.jwksUri);
    await expect(bench.verifier.verify(good())).rejects.toMatchObject({
      code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
      details: { retryAfterSeconds: 5 },
    });
    expect((await bench.verifier.verify(bearer(signToken(bench.claims(tenantB), otherRsa)))).tenant).toBe(tenantB);
  });
});

describe('as a property', () => {
  it('whatever is sent, the answer is a ServiceError that tells nothing of it', async () => {
    const part = fc.oneof(fc.json().map(encodePart), fc.base64String(), fc.string());
    const token = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => `Bearer ${parts.join('.')}`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), token), async (authorization) => {
        expect(['SECURITY_TOKEN_INVALID', 'GENERAL_VALIDATION_ERROR']).toContain((await refusalOf(authorization)).code);
      }),
      { numRuns: 200 },
    );
  });

  it('one changed character anywhere in a token refuses it', async () => {
    const header = good();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: header.length - 8 }), fc.constantFrom(...'ABCxyz059-_.+='), async (at, char) => {
        const position = at + 'Bearer '.length;
        fc.pre(header[position] !== char);
        const changed = header.slice(0, position) + char + header.slice(position + 1);
        expect((await refusalOf(changed)).code).toBe('SECURITY_TOKEN_INVALID');
      }),
      { numRuns: 250 },
    );
  });

  it('one changed claim under an honest signature never yields another tenant', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(tenantA.issuer, tenantB.issuer, 'EHealth'));
    const name = fc.constantFrom(
      'iss',
      'aud',
      'exp',
      'iat',
      'nbf',
      'user_id',
      'user_type',
      'realm_access',
      'typ',
      'sub',
    );
    await fc.assert(
      fc.asyncProperty(name, value, async (claim, content) => {
        const token = signToken(bench.claims(tenantA, { [claim]: content }), rsa);
        const caller = await bench.verifier.verify(bearer(token)).catch((error: unknown) => error);
        if (caller instanceof Error) expect(caller).toBeInstanceOf(ServiceError);
        else expect(caller).toMatchObject({ tenant: { id: 'tenant-a' } });
      }),
      { numRuns: 200 },
    );
  });

  it('signInput and the verifier agree on every algorithm that a tenant may allow', async () => {
    const p521 = createEcKey('p521', 'P-521', 'ES512');
    bench.documents.set(modern.jwksUri, keySetOf(withoutAlg(rsa), p256, p384, p521, ed));
    for (const [alg, key] of [
      ['RS384', rsa],
      ['RS512', rsa],
      ['ES512', p521],
    ] as const) {
      const input = `${encodePart({ alg, kid: key.kid })}.${encodePart(bench.claims(modern))}`;
      const token = `${input}.${signInput(input, alg, key.privateKey).toString('base64url')}`;
      expect((await refusalOf(bearer(token))).code).toBe('accepted');
    }
  });
});
