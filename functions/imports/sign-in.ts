import { importJWK, type JWK, SignJWT } from 'jose';
import * as v from 'valibot';
import type { ImportSignIn, ImportSource } from '../auth/import-source.ts';
import type { TenantId } from '../auth/tenant.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import type { Exchange, ExchangeRequest } from './https-exchange.ts';
import { ImportError } from './import-problem.ts';
import { readJson } from './read-answer.ts';
import { readRetryAfter } from './retry-after.ts';
import type { SecretStore } from './secret-store.ts';

/** Access tokens for a tenant's server. Kept in memory only. */
export interface TokenSource {
  /**
   * The value of an `Authorization` header that is good for a while yet.
   *
   * @param refused a value that the server did not take: another is asked for
   * @throws ImportError `SIGN_IN_REFUSED`, `SECRET_UNUSABLE`, and what the exchange throws
   */
  authorize(signal: AbortSignal, refused?: string): Promise<string>;
}

/** What signing in needs. */
export interface SignInDependencies {
  readonly exchange: Exchange;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'uuid'>;
}

/** A token is renewed this long before it runs out, in milliseconds: a request has to begin with it. */
const renewBefore = 15_000;
/** A token that does not say how long it lives is taken to live this long. */
const unsaidLife = 60;
/** SMART Backend Services: an assertion lives five minutes at most. */
const assertionSeconds = 240;
const mostBytes = 64 * 1024;

const tokenAnswer = v.object({
  access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,16384}$/)),
  token_type: v.pipe(v.string(), v.regex(/^bearer$/i)),
  expires_in: v.optional(v.pipe(v.number(), v.minValue(1)), unsaidLife),
});

const configuration = v.object({ token_endpoint: v.string() });

const algorithms: Readonly<Record<string, string>> = { RSA: 'RS384', 'EC P-384': 'ES384' };

const algorithmOf = ({ kty, crv }: JWK): string => {
  const found = algorithms[kty === 'EC' ? `EC ${crv}` : String(kty)];
  if (found === undefined) throw new ImportError('SECRET_UNUSABLE', 'The private key is neither RSA nor on P-384.');
  return found;
};

const readKey = (secret: string): JWK => {
  try {
    const jwk = JSON.parse(secret) as JWK;
    if (typeof jwk.kid === 'string' && typeof jwk.d === 'string') return jwk;
  } catch {
    // Said below.
  }
  throw new ImportError('SECRET_UNUSABLE', 'The secret is not a private key as JWK with a kid.');
};

/** RFC 7523 as SMART App Launch 2.0 profiles it ("Client Authentication: Asymmetric"): RS384 or ES384, for one request. */
const signAssertion = async (
  { clientId }: ImportSignIn,
  secret: string,
  tokenUrl: string,
  { clock, ids }: SignInDependencies,
): Promise<string> => {
  const jwk = readKey(secret);
  const alg = algorithmOf(jwk);
  const now = Math.floor(clock.now() / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: tokenUrl,
    iat: now,
    exp: now + assertionSeconds,
    jti: ids.uuid(),
  };
  try {
    const key = await importJWK(jwk, alg);
    return await new SignJWT(claims).setProtectedHeader({ alg, kid: String(jwk.kid), typ: 'JWT' }).sign(key);
  } catch {
    throw new ImportError('SECRET_UNUSABLE', 'Nothing can be signed with the private key.');
  }
};

/** RFC 6749 section 2.3.1: both are form-encoded before they are joined. */
const basicAuthorization = (clientId: string, secret: string): string => {
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}`;
};

const formHeaders = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };

const buildRequest = async (
  signIn: ImportSignIn,
  secret: string,
  url: string,
  dependencies: SignInDependencies,
): Promise<ExchangeRequest> => {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (signIn.scope !== undefined) form.set('scope', signIn.scope);
  const request = { method: 'POST', url, headers: formHeaders } as const;
  if (signIn.kind === 'client-secret') {
    return { ...request, body: form.toString(), authorization: basicAuthorization(signIn.clientId, secret) };
  }
  form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  form.set('client_assertion', await signAssertion(signIn, secret, url, dependencies));
  return { ...request, body: form.toString() };
};

const discover = async (
  { baseUrl }: ImportSource,
  { exchange }: SignInDependencies,
  signal: AbortSignal,
): Promise<string> => {
  const url = `${baseUrl}/.well-known/smart-configuration`;
  const answer = await exchange.send({ method: 'GET', url, headers: { accept: 'application/json' } }, signal);
  const read = v.safeParse(configuration, await readJson(answer, mostBytes, signal));
  if (answer.status === 200 && read.success) return read.output.token_endpoint;
  const why = `The server does not say where tokens are given out (status ${answer.status} for its smart-configuration).`;
  throw new ImportError(answer.status >= 500 ? 'EXPORT_UNAVAILABLE' : 'SIGN_IN_REFUSED', why);
};

/**
 * Signs in at a tenant's server as its record says: SMART Backend Services, or a client secret. A token is asked for when one is needed,
 * and used until 15 s (or a quarter of its life, if that is less) before it runs out.
 */
export const createTokenSource = (
  tenantId: TenantId,
  source: ImportSource,
  dependencies: SignInDependencies,
): TokenSource => {
  const { exchange, secrets, clock } = dependencies;
  const { signIn } = source;
  let secret: string | undefined;
  let tokenUrl = signIn.tokenUrl;
  let current: { readonly value: string; readonly until: number } | undefined;

  const ask = async (signal: AbortSignal): Promise<string> => {
    secret ??= await secrets.read(tenantId, signIn.secret);
    tokenUrl ??= await discover(source, dependencies, signal);
    const asked = clock.now();
    const answer = await exchange.send(await buildRequest(signIn, secret, tokenUrl, dependencies), signal);
    const read = v.safeParse(tokenAnswer, await readJson(answer, mostBytes, signal));
    if (answer.status !== 200 || !read.success) {
      const wish = readRetryAfter(answer.headers['retry-after'], asked);
      const isPassing = answer.status === 429 || answer.status >= 500;
      const why = `The token endpoint answered ${answer.status}${answer.status === 200 ? ' without a bearer token' : ''}.`;
      throw new ImportError(isPassing ? 'EXPORT_UNAVAILABLE' : 'SIGN_IN_REFUSED', why, wish);
    }
    const life = read.output.expires_in * 1000;
    current = { value: `Bearer ${read.output.access_token}`, until: asked + life - Math.min(renewBefore, life / 4) };
    return current.value;
  };

  return {
    async authorize(signal, refused) {
      if (current !== undefined && current.value !== refused && clock.now() < current.until) return current.value;
      return ask(signal);
    },
  };
};
