import type { Caller } from './caller.ts';
import { isJsonObject, type JsonObject, readMember } from './json-object.ts';
import type { Tenant } from './tenant.ts';
import { refuseToken, type TokenRefusal } from './token-refusal.ts';

/** Tolerated difference between the issuer's clock and ours, in seconds. */
export const clockSkewSeconds = 30;
/** A token issued longer ago is refused whatever its `exp`, in seconds. */
const oldestIssue = 24 * 3600;
/** An `exp` further away is a mistake of units (milliseconds) or no time at all, in seconds. */
const furthestExpiry = 10 * 366 * 24 * 3600;
const longestUserId = 128;
const longestUserType = 64;

/** Control and format characters, lone surrogates (two of them would be stored as one and the same text), line separators. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const isName = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= longest && !unprintable.test(value);

/** A NumericDate (RFC 7519 section 2): seconds since the epoch, fractions allowed. */
const readNumericDate = (payload: JsonObject, name: string, refusal: TokenRefusal): number => {
  const value = readMember(payload, name);
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refuseToken(refusal);
  return value;
};

const checkTimes = (payload: JsonObject, now: number): void => {
  const exp = readNumericDate(payload, 'exp', 'claim-exp');
  if (exp <= 0 || exp > now + furthestExpiry) throw refuseToken('claim-exp');
  // RFC 7519 section 4.1.4: not on or after the expiration time.
  if (now >= exp + clockSkewSeconds) throw refuseToken('expired');
  if (Object.hasOwn(payload, 'nbf') && readNumericDate(payload, 'nbf', 'claim-nbf') > now + clockSkewSeconds) {
    throw refuseToken('not-yet-valid');
  }
  const iat = readNumericDate(payload, 'iat', 'claim-iat');
  if (iat > now + clockSkewSeconds) throw refuseToken('issued-in-future');
  if (iat < now - oldestIssue - clockSkewSeconds) throw refuseToken('issued-too-long-ago');
};

/**
 * Seconds from now until a token begins, by `nbf` or `iat`, whichever is later; negative or 0 for one that has begun. What is no number
 * does not count.
 *
 * @param now seconds since the epoch
 */
export const secondsUntilValid = (payload: JsonObject, now: number): number => {
  const beginnings = [readMember(payload, 'nbf'), readMember(payload, 'iat')].filter(
    (value) => typeof value === 'number',
  );
  return Math.max(...beginnings, Number.NEGATIVE_INFINITY) - now;
};

/** Keycloak writes what a token is for into the payload: ID and refresh tokens are signed by the same keys. */
const checkPurpose = (payload: JsonObject): void => {
  const typ = readMember(payload, 'typ');
  if (typ !== undefined && !(typeof typ === 'string' && typ.toLowerCase() === 'bearer')) {
    throw refuseToken('not-an-access-token');
  }
};

/** The roles at the tenant's path. A path that ends early means no roles; a wrong type anywhere on it refuses the token. */
const readRoles = (payload: JsonObject, path: readonly string[]): ReadonlySet<string> => {
  let value: unknown = payload;
  for (const name of path) {
    if (!isJsonObject(value)) throw refuseToken('claim-roles');
    value = readMember(value, name);
    if (value === undefined) return new Set();
  }
  const isRole = (role: unknown): role is string => typeof role === 'string';
  if (!Array.isArray(value) || !value.every(isRole)) throw refuseToken('claim-roles');
  return new Set(value);
};

/**
 * Who a token speaks for, from claims whose signature, `iss` and `aud` have been verified. Checks purpose, `exp`, `nbf` and `iat` (30 s
 * of clock skew), `user_id` (1 to 128 characters), `user_type` and the roles at the tenant's `rolesClaim`.
 *
 * @param now seconds since the epoch
 * @throws ServiceError `SECURITY_TOKEN_INVALID`; with `expired` where only the time has run out.
 */
export const readCaller = (payload: JsonObject, tenant: Tenant, now: number): Caller => {
  checkPurpose(payload);
  checkTimes(payload, now);
  const userId = readMember(payload, 'user_id');
  if (!isName(userId, longestUserId)) throw refuseToken('claim-user-id');
  const userType = readMember(payload, 'user_type');
  if (!isName(userType, longestUserType)) throw refuseToken('claim-user-type');
  return { tenant, userId, userType, roles: readRoles(payload, tenant.rolesClaim) };
};
