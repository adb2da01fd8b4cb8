import type { Combination } from './all-pairs.ts';
import { createAuthBench, createTenant } from './auth-bench.ts';
import {
  createEcKey,
  createRsaKey,
  type Json,
  keySetOf,
  macParts,
  type SigningKey,
  signParts,
} from './signed-tokens.ts';

/** A dimension's values by name: those that a good token may have, and those that make any token a bad one. */
interface Dimension<Value> {
  readonly good: Readonly<Record<string, Value>>;
  readonly bad: Readonly<Record<string, Value>>;
}

const tenant = createTenant('matrix', { algorithms: ['RS256', 'ES256'] });
const neighbour = createTenant('neighbour');
const rsa = createRsaKey('rsa');
const p256 = createEcKey('p256', 'P-256', 'ES256');
const stranger = createRsaKey('stranger');
const weak = createRsaKey('weak', 1024);
const userId = 'fbf769fc-7131-4ad6-82f1-25537983f6b5';
const roles = ['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read'];
const missing = undefined;

/** Seconds from now; a text or other value is taken as it is. */
const times = (values: Readonly<Record<string, unknown>>) => values;

/** Everything that a token can differ in: `signing` by algorithm and key, times in seconds from now. */
export const dimensions = {
  scheme: { good: { Bearer: 'Bearer ', bearer: 'bearer  ' }, bad: { Basic: 'Basic ', none: '' } },
  signing: {
    good: { RS256: ['RS256', rsa], ES256: ['ES256', p256] },
    bad: {
      missing: [missing, rsa],
      none: ['none', rsa],
      HS256: ['HS256', rsa],
      PS256: ['PS256', rsa],
      RS512: ['RS512', rsa],
      rs256: ['rs256', rsa],
      'RS256 on P-256': ['RS256', p256],
      'ES256 on RSA': ['ES256', rsa],
      stranger: ['RS256', stranger],
      weak: ['RS256', weak],
    },
  },
  typ: { good: { JWT: 'JWT', 'at+jwt': 'at+jwt', missing }, bad: { 'logout+jwt': 'logout+jwt', number: 7 } },
  kid: {
    good: { right: 'right' },
    bad: { missing, empty: '', number: 7, unknown: 'nobody', path: '../../etc/passwd' },
  },
  header: {
    good: { plain: {}, cty: { cty: 'x' } },
    bad: { crit: { crit: ['exp'] }, b64: { b64: false }, jku: { jku: 'https://evil.dk/' }, jwk: { jwk: stranger.jwk } },
  },
  iss: {
    good: { right: tenant.issuer },
    bad: { missing, slash: `${tenant.issuer}/`, neighbour: neighbour.issuer, list: [tenant.issuer], null: null },
  },
  aud: {
    good: { right: 'EHealth', list: ['account', 'EHealth'] },
    bad: { missing, other: 'account', empty: [], nested: [['EHealth']], case: 'ehealth' },
  },
  exp: {
    good: times({ '+240': 240, '-29': -29 }),
    bad: times({ '-31': -31, '-3600': -3600, missing, millis: 'millis', text: '4102444800' }),
  },
  nbf: {
    good: times({ missing, '-60': -60, '+29': 29 }),
    bad: times({ '+31': 31, '+3600': 3600, text: '0', null: null }),
  },
  iat: {
    good: times({ '-60': -60, '+29': 29, '-86400': -86_400 }),
    bad: times({ '+31': 31, '+3600': 3600, '-172800': -172_800, missing, text: '0' }),
  },
  payloadTyp: { good: { missing, Bearer: 'Bearer' }, bad: { ID: 'ID', Refresh: 'Refresh', number: 1 } },
  userId: {
    good: { uuid: userId, longest: 'u'.repeat(128) },
    bad: { missing, empty: '', tooLong: 'u'.repeat(129), number: 1, control: 'u\u0000' },
  },
  userType: {
    good: { PRACTITIONER: 'PRACTITIONER', PATIENT: 'PATIENT' },
    bad: { missing, number: 1, list: ['SYSTEM'] },
  },
  roles: {
    good: { full: { roles }, empty: { roles: [] }, missing, other: { roles: ['Binary.readonly'] } },
    bad: {
      text: { roles: 'Binary.read' },
      mixed: { roles: ['Binary.read', 1] },
      null: { roles: null },
      list: ['Binary.read'],
    },
  },
  signature: {
    good: { right: 'right' },
    bad: { flipped: 'flipped', absent: 'absent', foreign: 'foreign', mac: 'mac' },
  },
} as const satisfies Readonly<Record<string, Dimension<unknown>>>;

/** The name of a dimension. */
export type DimensionName = keyof typeof dimensions;

const dimensionNames = Object.keys(dimensions) as readonly DimensionName[];

/** Names of a dimension's good values, its best one first, or of all of them. */
export const valueNames = (name: DimensionName, which: 'good' | 'all'): readonly [string, ...string[]] => {
  const { good, bad } = dimensions[name];
  const [first = '', ...others] = [...Object.keys(good), ...(which === 'all' ? Object.keys(bad) : [])];
  return [first, ...others];
};

/** The best value of each dimension: a token that is accepted with all roles. */
export const bestCombination: Combination = Object.fromEntries(
  dimensionNames.map((name) => [name, valueNames(name, 'good')[0]]),
);

/** Whether a combination has a bad value in a dimension. */
export const isBad = (combination: Combination, name: DimensionName): boolean =>
  Object.hasOwn(dimensions[name].bad, combination[name] ?? '');

const pickValue = (combination: Combination, name: DimensionName): unknown => {
  const { good, bad }: Dimension<unknown> = dimensions[name];
  return { ...good, ...bad }[combination[name] ?? ''];
};

/** The signature of any input by any of the keys, whatever the header says. */
const signatureOf = (kind: unknown, header: Json, payload: Json, signer: SigningKey): string => {
  const [head, body, right = ''] = signParts(header, payload, signer).split('.');
  if (kind === 'absent') return `${head}.${body}.`;
  if (kind === 'mac')
    return macParts(header, payload, signer.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  if (kind === 'foreign')
    return `${head}.${body}.${signParts(header, { ...payload, user_id: 'x' }, signer).split('.')[2]}`;
  const bytes = Buffer.from(right, 'base64url');
  if (kind === 'flipped') bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
  return `${head}.${body}.${bytes.toString('base64url')}`;
};

/** A token as a combination describes it. */
export interface MatrixToken {
  readonly authorization: string;
  readonly scheme: string;
  readonly header: Json;
  readonly payload: Json;
  /** The `kid` of the key that signed. */
  readonly signer: string;
  /** Whether the signature is the signer's, over this header and payload. */
  readonly isIntact: boolean;
}

/** A verifier for which `bestCombination` is a good token. */
export const createMatrixBench = () => {
  const bench = createAuthBench([tenant, neighbour]);
  const plain = ({ jwk: { alg: _alg, ...jwk } }: SigningKey): Json => jwk;
  bench.documents.set(tenant.jwksUri, keySetOf(plain(rsa), plain(p256), plain(weak)));
  bench.documents.set(neighbour.jwksUri, keySetOf(plain(createRsaKey('rsa'))));
  const now = Math.floor(bench.clock.now() / 1000);
  bench.clock.advance(now * 1000 - bench.clock.now());
  const timeOf = (value: unknown): unknown => {
    if (value === 'millis') return (now + 240) * 1000;
    return typeof value === 'number' ? now + value : value;
  };

  const buildToken = (combination: Combination): MatrixToken => {
    const value = (name: DimensionName): unknown => pickValue(combination, name);
    const [alg, signer] = value('signing') as [unknown, SigningKey];
    const kid = value('kid') === 'right' ? signer.kid : value('kid');
    const header = { alg, kid, typ: value('typ'), ...(value('header') as Json) };
    const payload = {
      iss: value('iss'),
      aud: value('aud'),
      exp: timeOf(value('exp')),
      nbf: timeOf(value('nbf')),
      iat: timeOf(value('iat')),
      typ: value('payloadTyp'),
      user_id: value('userId'),
      user_type: value('userType'),
      realm_access: value('roles'),
    };
    const scheme = String(value('scheme'));
    const authorization = `${scheme}${signatureOf(value('signature'), header, payload, signer)}`;
    return { authorization, scheme, header, payload, signer: signer.kid, isIntact: value('signature') === 'right' };
  };
  return { ...bench, now, buildToken };
};
