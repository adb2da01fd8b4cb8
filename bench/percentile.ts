/** The value below which a share of the values lies, 0 to 1; the nearest rank. NaN without values. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? Number.NaN;
};

/** Ratios as their median and, in brackets, the least and the greatest. */
export const describeRatios = (ratios: readonly number[]): string => {
  const [median, least, greatest] = [percentile(ratios, 0.5), Math.min(...ratios), Math.max(...ratios)];
  return `× ${median.toFixed(2)} (${least.toFixed(2)} to ${greatest.toFixed(2)})`;
};
