import { JwtInvalidAudienceError, JwtParseError } from 'aws-jwt-verify/error';
import { verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { readBearerToken } from './bearer-token.ts';
import type { Caller } from './caller.ts';
import { createClockSkewWatch } from './clock-skew-watch.ts';
import { decodeToken } from './decode-token.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { type JsonObject, readMember } from './json-object.ts';
import type { Tenant } from './tenant.ts';
import type { TenantRegistry } from './tenant-registry.ts';
import { readCaller, secondsUntilValid } from './token-claims.ts';
import { readSignatureHeader, type SignatureHeader } from './token-header.ts';
import { refuseToken, type TokenRefusal } from './token-refusal.ts';
import type { VerificationKey } from './verification-key.ts';

/** Turns an `Authorization` header into the caller whom it proves. */
export interface TokenVerifier {
  /**
   * The caller. Every request is verified anew: no result is kept.
   *
   * @param authorization the header's value, or `undefined` when it was not sent.
   * @throws ServiceError `SECURITY_TOKEN_INVALID` whatever is wrong with the token; `GENERAL_VALIDATION_ERROR` when the header was
   *   sent twice; `GENERAL_DEPENDENCY_UNAVAILABLE` when the issuer's keys or the tenants cannot be had. None says what the token held.
   */
  verify(authorization: string | undefined): Promise<Caller>;
}

/** What the verifier needs. */
export interface TokenVerifierDependencies {
  readonly registry: TenantRegistry;
  readonly keys: IssuerKeys;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The issuer selects the tenant, before any cryptography: an unknown one costs neither a fetch nor memory. */
const selectTenant = async (registry: TenantRegistry, payload: JsonObject): Promise<Tenant> => {
  const issuer = readMember(payload, 'iss');
  const tenant = typeof issuer === 'string' ? await registry.byIssuer(issuer) : undefined;
  if (tenant === undefined) throw refuseToken('issuer-unknown');
  if (!tenant.enabled) throw refuseToken('tenant-disabled');
  return tenant;
};

/** The key that signed, if the tenant allows the algorithm and it fits the key's type and curve. */
const selectKey = async (keys: IssuerKeys, tenant: Tenant, { alg, kid }: SignatureHeader): Promise<VerificationKey> => {
  if (!tenant.algorithms.includes(alg)) throw refuseToken('alg-not-allowed');
  const key = await keys.find(tenant, kid);
  if (key === undefined) throw refuseToken('key-unknown');
  if (!key.algorithms.includes(alg)) throw refuseToken('key-unfit');
  return key;
};

const explainVerifierError = (error: unknown): TokenRefusal => {
  if (error instanceof JwtInvalidAudienceError) return 'audience-wrong';
  return error instanceof JwtParseError ? 'claim-type' : 'signature-wrong';
};

/**
 * The library judges signature, issuer and audience. Times are left to the claims' own check, which knows the service's clock
 * and the claims that the library lets be absent. Whatever it throws means a refusal; its messages quote claims, so they end here.
 */
const verifySignature = (token: string, key: VerificationKey, tenant: Tenant): void => {
  const options = {
    issuer: tenant.issuer,
    audience: [...tenant.audience],
    graceSeconds: Number.POSITIVE_INFINITY,
  };
  try {
    verifyJwtSync(token, key.jwk, options, () => key.publicKey);
  } catch (error) {
    throw refuseToken(explainVerifierError(error));
  }
};

/**
 * A verifier over the tenants of a registry and the keys of their issuers. Remembers nothing of a token.
 *
 * Logs `TOKEN_AHEAD_OF_CLOCK` when tokens that are authentic begin a little later than now.
 */
export const createTokenVerifier = ({ registry, keys, clock, logger }: TokenVerifierDependencies): TokenVerifier => {
  const skewWatch = createClockSkewWatch(clock, logger);
  return {
    async verify(authorization) {
      const token = readBearerToken(authorization);
      const { header, payload } = decodeToken(token);
      const signature = readSignatureHeader(header);
      const tenant = await selectTenant(registry, payload);
      const key = await selectKey(keys, tenant, signature);
      verifySignature(token, key, tenant);
      const now = clock.now() / 1000;
      skewWatch.note(tenant, secondsUntilValid(payload, now));
      return readCaller(payload, tenant, now);
    },
  };
};
