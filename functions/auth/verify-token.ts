import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { readBearerToken } from './bearer-token.ts';
import type { Caller } from './caller.ts';
import { checkRegisteredClaims } from './check-registered-claims.ts';
import { createClockSkewWatch } from './clock-skew-watch.ts';
import { decodeToken } from './decode-token.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { type JsonObject, readMember } from './json-object.ts';
import type { Tenant } from './tenant.ts';
import type { TenantRegistry } from './tenant-registry.ts';
import { readCaller, secondsUntilValid } from './token-claims.ts';
import { readSignatureHeader, type SignatureHeader } from './token-header.ts';
import { refuseToken } from './token-refusal.ts';
import type { VerificationKey } from './verification-key.ts';
import { verifySignature } from './verify-signature.ts';

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
      const { header, payload, ...signedBytes } = decodeToken(token);
      const { alg, kid } = readSignatureHeader(header);
      const tenant = await selectTenant(registry, payload);
      const { publicKey } = await selectKey(keys, tenant, { alg, kid });
      if (!verifySignature(signedBytes, alg, publicKey)) throw refuseToken('signature-wrong');
      checkRegisteredClaims(payload, tenant);
      const now = clock.now() / 1000;
      skewWatch.note(tenant, secondsUntilValid(payload, now));
      return readCaller(payload, tenant, now);
    },
  };
};
