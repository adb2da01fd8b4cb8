import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

/** What a realm signs with, and the claims that all of its tokens carry. */
export interface Realm {
  /** `iss`, without a port: tokens outlive a restart. */
  readonly issuer: string;
  readonly audience: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

/** The realms of the issuer by tenant. Plain JSON, so that it can be kept. */
export interface Realms {
  readonly realms: Readonly<Record<string, Realm>>;
}

/** What a token should say; what is left out is as in the contract's example. */
export interface TokenWish {
  /** `user_id` and `sub`. */
  readonly user?: string;
  /** `user_type`. */
  readonly type?: string;
  /** `realm_access.roles`. */
  readonly roles?: readonly string[];
  /** From now to `exp`; an hour by default. Negative for a token that has expired. */
  readonly lifetimeSeconds?: number;
  /** Claims that are added or replaced; `null` takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The user and the roles of the contract's example. */
export const exampleUser = {
  user: 'fbf769fc-7131-4ad6-82f1-25537983f6b5',
  type: 'PRACTITIONER',
  roles: ['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read'],
} as const;

const algorithm = 'RS256';
const hourSeconds = 3600;

const createRealm = async (issuer: string, audience: string): Promise<Realm> => {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const named = { kid: randomUUID(), alg: algorithm, use: 'sig' };
  return {
    issuer,
    audience,
    privateJwk: { ...(await exportJWK(privateKey)), ...named },
    publicJwk: { ...(await exportJWK(publicKey)), ...named },
  };
};

/**
 * A realm with a new RSA key for each tenant; those kept in the folder stay as they are, so that old tokens remain valid.
 *
 * @param tenants what their tokens name as `iss` and `aud`
 * @param stateFolder keeps the keys, readable to their owner alone
 */
export const openRealms = async (
  tenants: Readonly<Record<string, { readonly issuer: string; readonly audience: string }>>,
  stateFolder?: string,
): Promise<Realms> => {
  const file = stateFolder === undefined ? undefined : join(stateFolder, 'issuer.json');
  const kept = file === undefined ? { realms: {} } : await readKept(file);
  const realms = await Promise.all(
    Object.entries(tenants).map(async ([tenant, { issuer, audience }]) => {
      const old = kept.realms[tenant];
      return [tenant, old === undefined ? await createRealm(issuer, audience) : { ...old, issuer, audience }] as const;
    }),
  );
  const keys: Realms = { realms: Object.fromEntries(realms) };
  if (file !== undefined && stateFolder !== undefined) {
    await mkdir(stateFolder, { recursive: true });
    await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  }
  return keys;
};

const readKept = async (file: string): Promise<Realms> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Realms;
  } catch {
    return { realms: {} };
  }
};

/** One JWT of the realm, signed, with the claims that a Keycloak access token has. */
export const signToken = async (realm: Realm, wish: TokenWish = {}): Promise<string> => {
  const { user, type, roles } = { ...exampleUser, ...wish };
  const now = Math.floor(Date.now() / 1000);
  const claims: Record<string, unknown> = {
    exp: now + (wish.lifetimeSeconds ?? hourSeconds),
    iat: now,
    jti: randomUUID(),
    iss: realm.issuer,
    aud: realm.audience,
    sub: user,
    typ: 'Bearer',
    azp: 'reporting-client',
    realm_access: { roles },
    user_id: user,
    user_type: type,
    ...wish.claims,
  };
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  return new SignJWT(present)
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: realm.publicJwk.kid ?? '' })
    .sign(await importJWK(realm.privateJwk, algorithm));
};
