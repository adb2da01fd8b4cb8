/** One of the things that are compared: measures itself once. */
export type Measure<Result> = () => Result | Promise<Result>;

/**
 * Measures things in turns, one round after the other, every second round in reverse (ABC CBA ABC …), so that a machine that
 * slows down or warms up does so for all of them alike.
 *
 * @param rounds how many measurements of each come back
 * @param warmUps rounds before them that are measured and thrown away
 * @returns for each thing its measurements, in the order of the rounds
 */
export const interleave = async <Name extends string, Result>(
  things: Readonly<Record<Name, Measure<Result>>>,
  rounds: number,
  warmUps = 1,
): Promise<Readonly<Record<Name, readonly Result[]>>> => {
  const names = Object.keys(things) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>;
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await things[name]();
      if (round >= 0) results[name].push(result);
    }
  }
  return results;
};
