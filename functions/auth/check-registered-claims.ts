import { type JsonObject, readMember } from './json-object.ts';
import type { Tenant } from './tenant.ts';
import { refuseToken } from './token-refusal.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const areTexts = (value: unknown): boolean => isText(value) || (Array.isArray(value) && value.every(isText));

/** Types of RFC 7519 section 4.1 and RFC 8693 section 4.2. `iss` has selected the tenant and is a text. */
const types = Object.entries({
  exp: Number.isFinite,
  nbf: Number.isFinite,
  iat: Number.isFinite,
  sub: isText,
  jti: isText,
  scope: isText,
  aud: areTexts,
});

/**
 * Checks that the claims that RFC 7519 registers have its types where they are there, and that the tenant is among those whom the token
 * is meant for, to the letter.
 *
 * @throws ServiceError `SECURITY_TOKEN_INVALID`
 */
export const checkRegisteredClaims = (payload: JsonObject, { audience }: Pick<Tenant, 'audience'>): void => {
  for (const [name, isRight] of types) {
    const value = readMember(payload, name);
    if (value !== undefined && !isRight(value)) throw refuseToken('claim-type');
  }
  const meantFor = [readMember(payload, 'aud')].flat();
  if (!audience.some((name) => meantFor.includes(name))) throw refuseToken('audience-wrong');
};
