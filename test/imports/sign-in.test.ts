import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import type { ImportSignIn, ImportSource } from '../../functions/auth/import-source.ts';
import type { Exchange, ExchangeRequest } from '../../functions/imports/https-exchange.ts';
import { createTokenSource } from '../../functions/imports/sign-in.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { answerOf } from '../support/exchange-answer.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { demoTenant } from '../support/sample-job.ts';

const { signal } = new AbortController();
const baseUrl = 'https://fhir.example.dk/r4';
const tokenUrl = 'https://login.example.dk/token';
const withSecret: ImportSignIn = { kind: 'client-secret', clientId: 'a:b c', secret: 'careplan', tokenUrl };
const withKey: ImportSignIn = {
  kind: 'smart-backend',
  clientId: 'reporting',
  secret: 'key',
  scope: 'system/EpisodeOfCare.read',
};

const start = (
  signIn: ImportSignIn,
  secret: string,
  answers: (request: ExchangeRequest) => ReturnType<typeof answerOf>,
) => {
  const clock = createManualClock();
  const sent: ExchangeRequest[] = [];
  const exchange: Exchange = {
    send: async (request) => {
      sent.push(request);
      return answers(request);
    },
    close: () => {},
  };
  const own = { hosts: ['login.example.dk'], signIn, keep: 3, nightly: false };
  const source: ImportSource = { kind: 'bulk-data', baseUrl, ...own };
  const secrets = { read: async () => secret };
  const tokens = createTokenSource(demoTenant, source, { exchange, secrets, clock, ids: createCountedIds() });
  return { tokens, sent, clock };
};

const granted = (life?: number) =>
  answerOf(200, JSON.stringify({ access_token: 'abc', token_type: 'bearer', expires_in: life }));

describe('a token', () => {
  test('is asked for once and used until shortly before it runs out', async () => {
    const { tokens, sent, clock } = start(withSecret, 's', () => granted(60));
    expect(await tokens.authorize(signal)).toBe('Bearer abc');
    clock.advance(44_000);
    await tokens.authorize(signal);
    expect(sent).toHaveLength(1);
    clock.advance(1_001);
    await tokens.authorize(signal);
    expect(sent).toHaveLength(2);
  });

  test('that does not say how long it lives is taken to live a minute', async () => {
    const { tokens, sent, clock } = start(withSecret, 's', () => granted());
    await tokens.authorize(signal);
    clock.advance(46_000);
    await tokens.authorize(signal);
    expect(sent).toHaveLength(2);
  });

  test('that the server refused is not used again', async () => {
    const { tokens, sent } = start(withSecret, 's', () => granted(3600));
    await tokens.authorize(signal, await tokens.authorize(signal));
    expect(sent).toHaveLength(2);
  });
});

test('a client secret is sent as RFC 6749 section 2.3.1 has it: both form-encoded, as Basic', async () => {
  const { tokens, sent } = start({ ...withSecret, scope: 'roles' }, 'p&ss:wörd', () => granted(60));
  await tokens.authorize(signal);
  const [request] = sent;
  const credentials = Buffer.from(String(request?.authorization).slice('Basic '.length), 'base64').toString();
  expect(credentials).toBe('a%3Ab+c:p%26ss%3Aw%C3%B6rd');
  expect(request).toMatchObject({ method: 'POST', url: tokenUrl, body: 'grant_type=client_credentials&scope=roles' });
});

test.each(['RS384', 'ES384'])('an assertion is signed by %s, for the token endpoint, for four minutes', async (alg) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const secret = JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'key-1' });
  const { tokens, sent, clock } = start(withKey, secret, ({ method }) =>
    method === 'GET' ? answerOf(200, JSON.stringify({ token_endpoint: tokenUrl })) : granted(60),
  );
  await tokens.authorize(signal);
  expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET ${baseUrl}/.well-known/smart-configuration`,
    `POST ${tokenUrl}`,
  ]);
  const form = new URLSearchParams(sent[1]?.body);
  expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  const assertion = form.get('client_assertion') ?? '';
  expect(decodeProtectedHeader(assertion)).toEqual({ alg, kid: 'key-1', typ: 'JWT' });
  const now = Math.floor(clock.now() / 1000);
  expect(decodeJwt(assertion)).toEqual({
    iss: 'reporting',
    sub: 'reporting',
    aud: tokenUrl,
    iat: now,
    exp: now + 240,
    jti: 'id-1',
  });
});

describe('signing in fails', () => {
  test.each<[string, ImportSignIn, string, () => ReturnType<typeof answerOf>, object]>([
    [
      'for good where the secret is no key',
      { ...withKey, tokenUrl },
      'a word',
      () => granted(60),
      { code: 'SECRET_UNUSABLE', cause: 'The secret is not a private key as JWK with a kid.' },
    ],
    [
      'for good where the key is public',
      { ...withKey, tokenUrl },
      '{"kty":"RSA","kid":"1","n":"x","e":"AQAB"}',
      () => granted(60),
      { code: 'SECRET_UNUSABLE' },
    ],
    [
      'for good where the key is on another curve',
      { ...withKey, tokenUrl },
      '{"kty":"EC","crv":"P-256","kid":"1","d":"x","x":"x","y":"y"}',
      () => granted(60),
      { cause: 'The private key is neither RSA nor on P-384.' },
    ],
    [
      'for good where the key is damaged',
      { ...withKey, tokenUrl },
      '{"kty":"EC","crv":"P-384","kid":"1","d":"x","x":"x","y":"y"}',
      () => granted(60),
      { cause: 'Nothing can be signed with the private key.' },
    ],
    [
      'for now where the endpoint is down',
      withSecret,
      's',
      () => answerOf(503, '', { 'retry-after': '7' }),
      { code: 'EXPORT_UNAVAILABLE', retryAfter: 7_000 },
    ],
    [
      'where the client is not known',
      withSecret,
      's',
      () => answerOf(401, '{"error":"invalid_client"}'),
      { code: 'SIGN_IN_REFUSED', cause: 'The token endpoint answered 401.' },
    ],
    [
      'where the answer has no token',
      withSecret,
      's',
      () => answerOf(200, '{"access_token":"a b","token_type":"bearer"}'),
      { cause: 'The token endpoint answered 200 without a bearer token.' },
    ],
    [
      'where the token is of another type',
      withSecret,
      's',
      () => answerOf(200, '{"access_token":"ab","token_type":"mac"}'),
      { cause: 'The token endpoint answered 200 without a bearer token.' },
    ],
    [
      'where the server does not say where',
      withKey,
      '{}',
      () => answerOf(404, ''),
      { cause: 'The server does not say where tokens are given out (status 404 for its smart-configuration).' },
    ],
    [
      'for now where the server cannot say where',
      withKey,
      '{}',
      () => answerOf(500, ''),
      { code: 'EXPORT_UNAVAILABLE' },
    ],
    ['where its answer is too large', withSecret, 's', () => answerOf(200, 'x'.repeat(70_000)), { code: 'TOO_LARGE' }],
  ])('%s', async (_name, signIn, secret, answers, told) => {
    const { tokens } = start(signIn, secret, answers);
    await expect(tokens.authorize(signal)).rejects.toMatchObject(told);
  });
});
