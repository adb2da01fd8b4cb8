import { beforeAll, describe, expect, test } from 'vitest';
import { requireRole } from '../../functions/auth/authorize.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { type Combination, type Dimensions, listAllPairs } from '../support/all-pairs.ts';
import type { Json } from '../support/signed-tokens.ts';
import {
  bestCombination,
  createMatrixBench,
  type DimensionName,
  dimensions,
  isBad,
  type MatrixToken,
  valueNames,
} from '../support/token-matrix.ts';

const names = Object.keys(dimensions) as readonly DimensionName[];
const spread = (which: 'good' | 'all'): Dimensions =>
  Object.fromEntries(names.map((name) => [name, valueNames(name, which)]));

const goodPairs = listAllPairs(spread('good'));
/** One bad value at a time in tokens that are good otherwise: in a token with two of them one hides the other. */
const singleFaults = names.flatMap((name) =>
  Object.keys(dimensions[name].bad).flatMap((value) =>
    [bestCombination, ...goodPairs.slice(1, 4)].map((good) => ({ ...good, [name]: value })),
  ),
);
const combinations: readonly Combination[] = [...goodPairs, ...singleFaults, ...listAllPairs(spread('all'))];

type Outcome = 'refused' | 'forbidden' | 'accepted';

const bench = createMatrixBench();

const isText = (value: unknown): value is string => typeof value === 'string';
const isSeconds = (value: unknown): value is number => typeof value === 'number' && value > 0 && value < 4e9;
const isName = (value: unknown, longest: number): boolean =>
  isText(value) && /^[\w-]+$/.test(value) && value.length <= longest;

const isHeaderGood = ({ header, signer, isIntact }: MatrixToken): boolean =>
  isIntact &&
  `${header['alg']} ${signer}` in { 'RS256 rsa': 1, 'ES256 p256': 1 } &&
  header['kid'] === signer &&
  [undefined, 'JWT', 'at+jwt'].some((typ) => typ === header['typ']) &&
  Object.keys(header).every((name) => ['alg', 'kid', 'typ', 'cty'].includes(name));

const isTimeGood = ({ exp, nbf, iat }: Json): boolean =>
  isSeconds(exp) &&
  isSeconds(iat) &&
  (nbf === undefined || isSeconds(nbf)) &&
  exp + 30 > bench.now &&
  iat - 30 <= bench.now &&
  iat + 86_400 + 30 >= bench.now &&
  (nbf ?? 0) - 30 <= bench.now;

const isAudienceGood = (aud: unknown): boolean =>
  aud === 'EHealth' || (Array.isArray(aud) && aud.every(isText) && aud.includes('EHealth'));

const rolesOf = (access: unknown): unknown => {
  if (access === undefined) return [];
  return typeof access === 'object' && !Array.isArray(access) ? (access as Json)['roles'] : 'none';
};

/** What the rules say, written down again without the code and without the names of the values. */
const expectedOf = (token: MatrixToken): Outcome => {
  const { scheme, payload } = token;
  const roles = rolesOf(payload['realm_access']);
  const isGood =
    /^bearer +$/i.test(scheme) &&
    isHeaderGood(token) &&
    isTimeGood(payload) &&
    payload['iss'] === 'https://login.matrix.dk/realms/ehealth' &&
    isAudienceGood(payload['aud']) &&
    [undefined, 'Bearer'].some((typ) => typ === payload['typ']) &&
    isName(payload['user_id'], 128) &&
    isName(payload['user_type'], 64) &&
    Array.isArray(roles) &&
    roles.every(isText);
  if (!isGood) return 'refused';
  return roles.includes('Binary.read') ? 'accepted' : 'forbidden';
};

interface Decision {
  readonly combination: Combination;
  readonly token: MatrixToken;
  readonly decision: Outcome;
  readonly reason: string;
}

const decide = async (combination: Combination): Promise<Decision> => {
  const token = bench.buildToken(combination);
  try {
    requireRole(await bench.verifier.verify(token.authorization), 'Binary.read', 'Binary read');
    return { combination, token, decision: 'accepted', reason: '' };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const isForbidden = error.code === 'SECURITY_TOKEN_INSUFFICIENT_PERMISSION';
    if (!isForbidden) expect(error.code).toBe('SECURITY_TOKEN_INVALID');
    return { combination, token, decision: isForbidden ? 'forbidden' : 'refused', reason: error.details.reason ?? '' };
  }
};

let decisions: readonly Decision[] = [];
beforeAll(async () => {
  const made: Decision[] = [];
  for (const combination of combinations) made.push(await decide(combination));
  decisions = made;
});

const describeCombination = (combination: Combination): string =>
  names
    .filter((name) => combination[name] !== bestCombination[name])
    .map((name) => `${name}=${combination[name]}`)
    .join(' ');

const renderMatrix = (): string => {
  const counted = Map.groupBy(decisions, ({ decision }) => decision);
  const counts = [...counted].map(([decision, those]) => `${those.length} ${decision}`).join(', ');
  const values = names.map((name) => `  ${name.padEnd(12)}${valueNames(name, 'all').join(', ')}`).join('\n');
  const lines = decisions.map(({ combination, decision, reason }) =>
    `${decision.padEnd(10)}${reason.padEnd(22)}${describeCombination(combination)}`.trimEnd(),
  );
  return `${decisions.length} tokens: ${counts}\n\n${values}\n\nA token: the decision, its reason, and what differs from the first value of each dimension.\n\n${lines.join('\n')}\n`;
};

describe(`the matrix of ${combinations.length} tokens`, () => {
  test('is as it was pinned', async () => {
    await expect(renderMatrix()).toMatchFileSnapshot('../fixtures/token-matrix.txt');
  });

  test('agrees with the rules, token by token', () => {
    const wrong = decisions.filter(({ token, decision }) => decision !== expectedOf(token));
    expect(wrong.map(({ combination, decision }) => `${decision}: ${describeCombination(combination)}`)).toEqual([]);
  });

  test('refuses every token with a bad value and no other, and each bad value is the only one in some of them', () => {
    const lone = new Set<string>();
    for (const { combination, decision } of decisions) {
      const bad = names.filter((name) => isBad(combination, name));
      expect(decision === 'refused', describeCombination(combination)).toBe(bad.length > 0);
      if (bad.length === 1) lone.add(`${bad[0]}=${combination[bad[0] ?? '']}`);
    }
    const all = names.flatMap((name) => Object.keys(dimensions[name].bad).map((value) => `${name}=${value}`));
    expect(all.filter((value) => !lone.has(value))).toEqual([]);
  });

  test('accepts each good value in some token', () => {
    const taken = new Set<string>();
    for (const { combination, decision } of decisions) {
      if (decision !== 'refused') for (const name of names) taken.add(`${name}=${combination[name]}`);
    }
    const all = names.flatMap((name) => Object.keys(dimensions[name].good).map((value) => `${name}=${value}`));
    expect(all.filter((value) => !taken.has(value))).toEqual([]);
  });

  test('has every pair of values in some token', () => {
    for (const [index, one] of names.entries()) {
      for (const other of names.slice(index + 1)) {
        const met = new Set(combinations.map((combination) => `${combination[one]}&${combination[other]}`));
        expect(met.size).toBeGreaterThanOrEqual(valueNames(one, 'all').length * valueNames(other, 'all').length);
      }
    }
  });
});
