import { divideByRound, summarise } from './summary.ts';

/**
 * Compares a thing with itself: it took part twice in an {@link interleave | interleaved} run, so the ratio of the two is 1 but
 * for what the machine and the method add.
 *
 * @param tolerance how far the median of the ratios may be from 1, either way: 0.05 takes 1/1.05 to 1.05
 * @returns why nothing is to be judged by this run; nothing where the method can be trusted
 */
export const checkItself = (
  ones: readonly number[],
  again: readonly number[],
  tolerance: number,
): string | undefined => {
  const { median } = summarise(divideByRound(ones, again));
  if (Math.max(median, 1 / median) <= 1 + tolerance) return undefined;
  return `the same thing twice came to × ${median.toFixed(2)}, and × ${(1 + tolerance).toFixed(2)} is tolerated`;
};
