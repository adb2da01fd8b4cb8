/** What repeated measurements came to, in the unit of the measurements. */
export interface Summary {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly least: number;
  readonly greatest: number;
  /** How many measurements. */
  readonly count: number;
}

/** The value below which a share of the sorted values lies, 0 to 1, on the line between its neighbours: half of two is their mean. */
const quantile = (sorted: readonly number[], share: number): number => {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN];
  return below + (above - below) * (place - Math.floor(place));
};

/**
 * Median, quartiles and extremes. A single value is its own summary: so are figures told that cannot vary, such as a size.
 *
 * @throws RangeError without values, or where one of them is not a finite number: a measurement that failed is not left out
 */
export const summarise = (values: readonly number[]): Summary => {
  if (values.length === 0 || !values.every(Number.isFinite)) throw new RangeError(`not measurements: [${values}]`);
  const sorted = values.toSorted((one, other) => one - other);
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    least: quantile(sorted, 0),
    greatest: quantile(sorted, 1),
    count: sorted.length,
  };
};

/**
 * Each measurement of one thing over that of another in the same round: what disturbs the machine for longer than a round
 * disturbs both.
 *
 * @throws RangeError when there is not one of each for every round
 */
export const divideByRound = (ones: readonly number[], others: readonly number[]): readonly number[] => {
  if (ones.length !== others.length) throw new RangeError(`${ones.length} measurements against ${others.length}`);
  return ones.map((one, round) => one / (others[round] ?? Number.NaN));
};
