/** A tape that still shows what is looked for, and how many were tried to find it. */
export interface ShrunkTape {
  readonly tape: readonly number[];
  readonly tried: number;
}

/** A run takes some ten milliseconds: this is a matter of seconds, where fast-check's own shrinking would take minutes. */
const mostTries = 300;

const withZeros = (tape: readonly number[], from: number, count: number): readonly number[] =>
  tape.map((decision, at) => (at >= from && at < from + count ? 0 : decision));

/**
 * A shorter tape with more zeros that still fails: first its end is cut off, then stretches of it are made zero, ever shorter ones.
 *
 * @param fails whether a tape shows what is looked for; the given one does
 */
export const shrinkTape = async (
  given: readonly number[],
  fails: (tape: readonly number[]) => Promise<boolean>,
): Promise<ShrunkTape> => {
  let tape = given;
  let tried = 0;
  const attempt = async (candidate: readonly number[]): Promise<void> => {
    if (tried >= mostTries) return;
    tried += 1;
    if (await fails(candidate)) tape = candidate;
  };
  for (let cut = given.length; cut >= 1; cut = Math.floor(cut / 2)) {
    if (cut <= tape.length) await attempt(tape.slice(0, tape.length - cut));
  }
  for (let count = Math.ceil(tape.length / 2); count >= 1 && tried < mostTries; count = Math.floor(count / 2)) {
    for (let from = 0; from < tape.length; from += count) {
      if (tape.slice(from, from + count).some((decision) => decision !== 0))
        await attempt(withZeros(tape, from, count));
    }
  }
  return { tape, tried };
};
