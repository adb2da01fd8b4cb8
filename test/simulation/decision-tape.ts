/** Small integers that decide everything that is left to chance in a run. A tape that has ended gives zeros: nothing goes wrong. */
export interface DecisionTape {
  /** The next decision: from 0 up to, not including, `below` (256 at most). */
  draw(below: number): number;
  /** Whether the next decision is for something that happens so often out of 256 times. Never for a zero. */
  chance(of256: number): boolean;
}

/** A tape of the given decisions, each of 0 to 255. */
export const createDecisionTape = (decisions: readonly number[]): DecisionTape => {
  let position = 0;
  const next = (): number => {
    const decision = decisions[position] ?? 0;
    position += 1;
    return decision;
  };
  return { draw: (below) => next() % below, chance: (of256) => next() >= 256 - of256 };
};

/** The text form of a tape: two hex digits a decision, without the zeros at its end. */
export const writeTape = (decisions: readonly number[]): string =>
  Buffer.from(decisions)
    .toString('hex')
    .replace(/(?:00)+$/, '');

/** @throws TypeError when the text is none that {@link writeTape} makes */
export const readTape = (text: string): readonly number[] => {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new TypeError('a tape is written in pairs of hex digits');
  return [...Buffer.from(text, 'hex')];
};
