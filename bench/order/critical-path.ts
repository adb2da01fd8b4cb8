/** A call as the service that was called has seen it. */
export interface SeenCall {
  /** `dynamodb UpdateItem`, `sqs SendMessage`, … */
  readonly name: string;
  /** When it came, and when it was answered, in milliseconds of one clock. */
  readonly came: number;
  readonly answered: number;
  /** How long its answer was held back on purpose, in milliseconds. */
  readonly latency: number;
}

/** The longest chain of calls, each of which came after the one before was answered. */
export interface CriticalPath {
  /** In order. */
  readonly calls: readonly string[];
  /** Their latencies together, in milliseconds: nobody who makes these calls in this order can be faster. */
  readonly latency: number;
}

const nothing: CriticalPath = { calls: [], latency: 0 };

/** Of the chains that can be made of these calls, the one with the longest latency. */
export const findCriticalPath = (calls: readonly SeenCall[]): CriticalPath => {
  const paths: (CriticalPath & { readonly answered: number })[] = [];
  for (const { name, came, answered, latency } of calls.toSorted((one, other) => one.came - other.came)) {
    const before = paths
      .filter((path) => path.answered <= came)
      .reduce((longest: CriticalPath, path) => (path.latency > longest.latency ? path : longest), nothing);
    paths.push({ calls: [...before.calls, name], latency: before.latency + latency, answered });
  }
  return paths.reduce((longest: CriticalPath, path) => (path.latency > longest.latency ? path : longest), nothing);
};
