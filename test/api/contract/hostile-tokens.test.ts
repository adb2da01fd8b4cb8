import { sign } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { apiEvent } from '../../support/api-event.ts';
import { type AuthBench, createAuthBench, createTenant } from '../../support/auth-bench.ts';
import { createTestApi, type TestApi } from '../../support/create-test-api.ts';
import { contractOrder } from '../../support/fhir-client.ts';
import {
  createEcKey,
  createEdKey,
  createRsaKey,
  encodePart,
  type Json,
  keySetOf,
  macParts,
  type SigningKey,
  signParts,
  signToken,
} from '../../support/signed-tokens.ts';

/** What a client is told: the status, the challenge to the letter, the issue's code. */
const answers = {
  ok: [200, undefined, undefined],
  W0: [401, 'Bearer realm="fhir"', 'login'],
  Wt: [401, 'Bearer realm="fhir", error="invalid_token"', 'login'],
  expired: [401, 'Bearer realm="fhir", error="invalid_token", error_description="expired"', 'expired'],
  Wr: [400, 'Bearer realm="fhir", error="invalid_request"', 'invalid'],
  Ws: [403, 'Bearer realm="fhir", error="insufficient_scope"', 'forbidden'],
} as const;

const rsa = createRsaKey('rsa');
const forger = createRsaKey('rsa');
const p256 = createEcKey('p256', 'P-256', 'ES256');
const p384 = createEcKey('p384', 'P-384', 'ES384');
const ed = createEdKey('ed');
const weak = createRsaKey('weak', 1024);
const withoutAlg = ({ jwk: { alg: _alg, ...jwk } }: SigningKey, own: Json = {}): Json => ({ ...jwk, ...own });
const secret = Buffer.from('planted-secret').toString('base64url');
const published = [
  withoutAlg(rsa),
  withoutAlg(p256),
  withoutAlg(p384),
  withoutAlg(ed),
  weak,
  withoutAlg(rsa, { kid: 'e1', e: 'AQ' }),
  withoutAlg(rsa, { kid: 'enc', use: 'enc' }),
  withoutAlg(rsa, { kid: 'ops', key_ops: ['encrypt'] }),
  { kty: 'oct', kid: 'oct', alg: 'HS256', k: secret },
];

const plain = createTenant('plain');
const modern = createTenant('modern', { algorithms: ['RS256', 'ES256', 'EdDSA'] });
const flat = createTenant('flat', { rolesClaim: 'roles' });
const disabled = createTenant('disabled', { enabled: false });

let bench: AuthBench;
let api: TestApi;
beforeEach(() => {
  bench = createAuthBench([plain, modern, flat, disabled]);
  for (const { jwksUri } of [plain, modern, flat, disabled]) bench.documents.set(jwksUri, keySetOf(...published));
  api = createTestApi({}, { verifier: bench.verifier });
});

const planted = { user_id: 'planted-user', sub: 'planted-subject', jti: 'planted-jti' };
const claims = (own: Json = {}, tenant = plain) => bench.claims(tenant, { ...planted, ...own });
const good = (own: Json = {}, header: Json = {}, key = rsa, tenant = plain) =>
  `Bearer ${signToken(claims(own, tenant), key, header)}`;
const parts = (header: unknown, payload: unknown = claims()) => `Bearer ${signParts(header, payload, rsa)}`;
const each = (name: string, values: readonly unknown[]) => values.map((value) => good({ [name]: value }));
const eachHeader = (name: string, values: readonly unknown[]) => values.map((value) => good({}, { [name]: value }));
const now = () => Math.floor(bench.clock.now() / 1000);
const token = () => good().slice('Bearer '.length);
const rs256 = { alg: 'RS256', kid: 'rsa' };
const deep = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const rolesText = (roles: string) =>
  parts(rs256, JSON.stringify(claims({ realm_access: 'ROLES' })).replace('"ROLES"', roles));
const expText = (exp: string) => parts(rs256, JSON.stringify(claims({ exp: 'EXP' })).replace('"EXP"', exp));
const der = () => {
  const input = `${encodePart({ alg: 'ES256', kid: 'p256' })}.${encodePart(claims({}, modern))}`;
  return `Bearer ${input}.${sign('sha256', Buffer.from(input), p256.privateKey).toString('base64url')}`;
};
const unsigned = (alg: string, signature: string) =>
  `Bearer ${encodePart({ alg, kid: 'rsa' })}.${encodePart(claims())}.${signature}`;
const pem = () => rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

type Row = readonly [title: string, expected: keyof typeof answers, sent: () => readonly (string | undefined)[]];

const rows: readonly Row[] = [
  ['T1: no Authorization, an empty one, white space', 'W0', () => [undefined, '', '   ']],
  [
    'T2: another scheme or none',
    'W0',
    () => ['Basic cGxhbnRlZA==', `Bearerx ${token()}`, token(), `Ｂearer ${token()}`],
  ],
  ['T3: the scheme alone', 'Wt', () => ['Bearer', 'Bearer ', 'bearer   ']],
  ['T4: the scheme in any case, and more than one space', 'ok', () => [`bearer ${token()}`, `BEARER  ${token()}`]],
  [
    'T6: the header twice',
    'Wr',
    () => [`${good()},${good()}`, `${good()}, ${good()}`, `${good()}, Basic cGxhbnRlZA==`],
  ],
  ['T7: another scheme in front of Bearer', 'W0', () => [`Basic cGxhbnRlZA==, ${good()}`]],
  ['T10: more than 8 KiB', 'Wt', () => [good({ filler: 'a'.repeat(6200) }), `Bearer ${'a'.repeat(8193)}`]],
  [
    'T11: 2, 4 or 5 parts, empty ones',
    'Wt',
    () => {
      const [header, payload, signature] = token().split('.');
      const forms = [
        [header, payload],
        [header, payload, signature, 'AA'],
        ['', payload, signature],
        [header, '', signature],
      ];
      return [...forms, [header, 'AA', 'AA', payload, signature], ['', '', '']].map(
        (form) => `Bearer ${form.join('.')}`,
      );
    },
  ],
  [
    'T13: header or payload that is no JSON object',
    'Wt',
    () => ['planted', '[]', '\ufeff{}', '"planted"', 'null'].flatMap((text) => [parts(text), parts(rs256, text)]),
  ],
  [
    'T15: nesting, 2 500 deep and, unsigned, 200 000 deep',
    'Wt',
    () => [
      parts(rs256, deep(2500)),
      parts(deep(2500)),
      `Bearer ${encodePart(rs256)}.${encodePart(deep(200_000))}.AAAA`,
    ],
  ],
  [
    'T16: alg none in any case, with and without a signature',
    'Wt',
    () => ['none', 'None', 'NONE', 'nOnE'].flatMap((alg) => [unsigned(alg, ''), unsigned(alg, 'AAAA')]),
  ],
  [
    'T18: HMAC keyed with what is public',
    'Wt',
    () => [
      `Bearer ${macParts({ alg: 'HS256', kid: 'rsa' }, claims(), pem())}`,
      `Bearer ${macParts({ alg: 'HS256', kid: 'oct' }, claims(), 'planted-secret')}`,
      `Bearer ${macParts(rs256, claims(), pem())}`,
    ],
  ],
  [
    'T19: an algorithm that the tenant does not allow',
    'Wt',
    () => [
      good({}, {}, { ...rsa, alg: 'RS512' }),
      `Bearer ${signParts({ alg: 'PS256', kid: 'rsa' }, claims(), rsa, 'RS256')}`,
    ],
  ],
  [
    'T20: an algorithm that does not fit the key',
    'Wt',
    () =>
      [
        signParts({ alg: 'RS256', kid: 'p256' }, claims({}, modern), p256, 'ES256'),
        signParts({ alg: 'ES256', kid: 'p384' }, claims({}, modern), p384, 'ES256'),
        signParts({ alg: 'EdDSA', kid: 'rsa' }, claims({}, modern), rsa, 'RS256'),
      ].map((misfit) => `Bearer ${misfit}`),
  ],
  ['T21: ES256 and EdDSA where the tenant allows them', 'ok', () => [p256, ed].map((key) => good({}, {}, key, modern))],
  ['T22: an ES256 signature in DER', 'Wt', () => [der()]],
  [
    'T24: a key that is weak, of exponent 1, or not for signatures',
    'Wt',
    () => [good({}, {}, weak), ...['e1', 'enc', 'ops'].map((kid) => good({}, { kid }))],
  ],
  ['T26: crit and b64', 'Wt', () => [...eachHeader('crit', [['planted'], ['exp'], []]), ...eachHeader('b64', [false])]],
  [
    'T27: a key that the token brings along',
    'Wt',
    () => [
      good({}, { jku: 'https://planted.dk/keys' }, forger),
      good({}, { x5u: 'https://planted.dk/keys' }, forger),
      good({}, { x5c: ['MIIB'] }, forger),
      good({}, { jwk: forger.jwk }, forger),
    ],
  ],
  [
    'T28: what says that it is no access token',
    'Wt',
    () => [...eachHeader('typ', ['logout+jwt']), ...each('typ', ['ID', 'Refresh'])],
  ],
  ['T28: typ at+jwt and JWT', 'ok', () => eachHeader('typ', ['at+jwt', 'JWT'])],
  [
    'T29: a kid that is missing, no text, long, or not what a key is called',
    'Wt',
    () =>
      eachHeader('kid', [
        undefined,
        '',
        7,
        'planted'.repeat(430),
        'planted\r\nx: y',
        "planted' OR 1=1",
        '../../planted/passwd',
      ]),
  ],
  ['T36: exp missing or no number', 'Wt', () => each('exp', [undefined, null, '4102444800', true, []])],
  ['T37: exp 29 s ago', 'ok', () => each('exp', [now() - 29])],
  ['T37: exp 40 s ago', 'expired', () => each('exp', [now() - 40])],
  [
    'T38: exp that is no time in seconds',
    'Wt',
    () => [expText(String(now() * 1000)), expText('1e308'), expText('-1e308')],
  ],
  ['T39: nbf in 20 s', 'ok', () => each('nbf', [now() + 20])],
  ['T39: nbf in 5 minutes, no time, no number', 'Wt', () => each('nbf', [now() + 300, 1e300, '0'])],
  [
    'T40: iat missing, in an hour, two days ago',
    'Wt',
    () => each('iat', [undefined, now() + 3600, now() - 2 * 86_400]),
  ],
  [
    'T41: an issuer that is no tenant to the letter',
    'Wt',
    () => {
      const { issuer } = plain;
      const alike = [`${issuer}/`, issuer.toUpperCase(), [issuer], issuer.replace('o', '\u043e'), `${issuer}\u200b`];
      return each('iss', [undefined, 'https://planted.dk/realms/x', '__proto__', ...alike]);
    },
  ],
  [
    'T43: an audience that is not ours',
    'Wt',
    () => each('aud', [undefined, 'account', [], [['EHealth']], 'ehealth', 'EHealth ']),
  ],
  ['T43: a list of audiences with ours in it', 'ok', () => each('aud', [['planted', 'EHealth']])],
  [
    'T48: roles that are no list of texts',
    'Wt',
    () =>
      each(
        'realm_access',
        ['Binary.read', { 0: 'Binary.read', length: 1 }, [['Binary.read']], null, ['Binary.read', 1]].map((roles) => ({
          roles,
        })),
      ),
  ],
  [
    'T49: roles that are missing, empty, or not the role to the letter',
    'Ws',
    () => [
      ...each('realm_access', [undefined, {}, { roles: [] }]),
      ...['binary.READ', 'Binary.readonly', '*'].map((role) => good({ realm_access: { roles: [role] } })),
      rolesText('{"__proto__":{"roles":["Binary.read"]}}'),
    ],
  ],
  ['T50: roles elsewhere than where the tenant has them', 'Ws', () => [good({}, {}, rsa, flat)]],
  ['T50: roles where the tenant has them', 'ok', () => [good({ roles: ['Binary.read'] }, {}, rsa, flat)]],
  ['T59: a tenant that is disabled', 'Wt', () => [good({}, {}, rsa, disabled)]],
];

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly body?: string;
  readonly type?: string;
}

/** Sends one request and checks what holds of every answer: nothing of the token comes back or stays, and a refusal touches no store. */
const send = async (
  authorization: string | undefined,
  { method = 'GET', path = '$get-report-job-status', query, body, type }: Sent = {},
) => {
  const headers = {
    'content-type': type ?? 'application/fhir+json',
    ...(authorization === undefined ? {} : { authorization }),
  };
  const rest = { ...(query === undefined ? {} : { query }), ...(body === undefined ? {} : { body }) };
  const answer = await api.send(apiEvent(method, `/fhir/${path}`, { headers, ...rest }));
  const status = answer.statusCode ?? 0;
  const told = JSON.stringify([
    answer.headers,
    status === 200 ? '' : answer.body,
    api.logger.entries,
    bench.log.entries,
  ]);
  const pieces = (authorization ?? '').split(/[ .,]+/).filter((piece) => piece.length > 12);
  for (const piece of [...pieces, 'planted']) expect(told).not.toContain(piece);
  if (status !== 200) expect(api.calls()).toBe(0);
  const issue = status === 200 ? undefined : JSON.parse(answer.body ?? '').issue[0].code;
  return [status, answer.headers?.['www-authenticate'], issue];
};

test.each(rows)('%s: %s', async (_title, expected, sent) => {
  for (const authorization of sent()) expect(await send(authorization), authorization).toEqual(answers[expected]);
});

test('T8: a token in the query or in a form is no token, and is in no log', async () => {
  const value = `planted-${token()}`;
  expect(await send(undefined, { query: `access_token=${value}` })).toEqual(answers.W0);
  const form = { method: 'POST', body: `access_token=${value}`, type: 'application/x-www-form-urlencoded' };
  expect(await send(undefined, form)).toEqual(answers.W0);
});

test('T51: reading does not entitle to ordering, and nothing is written', async () => {
  const reader = good({ realm_access: { roles: ['Binary.read', 'report-non-anonymized'] } });
  for (const mode of ['execute', 'schedule', 'fetch']) {
    const order = { method: 'POST', path: `$${mode}-patient-usage-stats`, body: contractOrder };
    expect(await send(reader, order)).toEqual(answers.Ws);
  }
  expect(api.jobs.all()).toEqual([]);
});

test('T10, T15, T16, T19, T26, T27, T29, T41, T59: what is refused by what it says of itself makes nobody ask an issuer', async () => {
  const cheap = rows.filter(([title]) => /^T(?:10|15|16|26|27|41|59):/.test(title));
  expect(cheap).toHaveLength(7);
  for (const [, , sent] of cheap) for (const authorization of sent()) await send(authorization);
  await send(good({}, {}, { ...rsa, alg: 'RS512' }));
  for (const kid of [undefined, '', 7, 'planted'.repeat(430)]) await send(good({}, { kid }));
  expect(bench.fetched).toEqual([]);
});
