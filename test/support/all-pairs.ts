/** Names of values by dimension. */
export type Dimensions = Readonly<Record<string, readonly [string, ...string[]]>>;

/** One value of each dimension. */
export type Combination = Readonly<Record<string, string>>;

const pairOf = (one: string, value: string, other: string, otherValue: string): string =>
  `${one}=${value}&${other}=${otherValue}`;

const listPairs = (dimensions: Dimensions): Set<string> => {
  const names = Object.keys(dimensions);
  const pairs = new Set<string>();
  for (const [index, one] of names.entries()) {
    for (const other of names.slice(index + 1)) {
      for (const value of dimensions[one] ?? []) {
        for (const otherValue of dimensions[other] ?? []) pairs.add(pairOf(one, value, other, otherValue));
      }
    }
  }
  return pairs;
};

/** Every pair of values that a combination has, as `listPairs` writes them. */
const pairsIn = (chosen: Combination, names: readonly string[]): readonly string[] => {
  const known = names.filter((name) => chosen[name] !== undefined);
  return known.flatMap((one, index) =>
    known.slice(index + 1).map((other) => pairOf(one, chosen[one] ?? '', other, chosen[other] ?? '')),
  );
};

/**
 * Combinations in which every value of each dimension meets every value of each other dimension at least once. Greedy: each combination
 * begins with a pair that is still missing, and takes of every other dimension the value that brings the most missing pairs. The same
 * dimensions give the same combinations.
 */
export const listAllPairs = (dimensions: Dimensions): readonly Combination[] => {
  const names = Object.keys(dimensions);
  const missing = listPairs(dimensions);
  const combinations: Combination[] = [];
  for (let [pair] = missing; pair !== undefined; [pair] = missing) {
    const chosen: Record<string, string> = Object.fromEntries(pair.split('&').map((text) => text.split('=')));
    for (const name of names.filter((candidate) => chosen[candidate] === undefined)) {
      const gains = (dimensions[name] ?? []).map((value) => ({
        value,
        gain: pairsIn({ ...chosen, [name]: value }, names).filter((found) => missing.has(found)).length,
      }));
      chosen[name] = gains.reduce((best, next) => (next.gain > best.gain ? next : best)).value;
    }
    for (const found of pairsIn(chosen, names)) missing.delete(found);
    combinations.push(chosen);
  }
  return combinations;
};
