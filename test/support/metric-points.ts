/** One value of a metric, as CloudWatch keeps it. */
export interface MetricPoint {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface EmbeddedMetrics {
  readonly Timestamp: number;
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
  }[];
}

/**
 * The metrics that CloudWatch takes from a line of a log group, after its "Specification: Embedded metric format". None from a line without
 * `_aws`.
 *
 * @throws TypeError where a member that the line names is not there or of the wrong type, which CloudWatch passes over in silence
 */
export const readMetricPoints = (line: string): MetricPoint[] => {
  const root = JSON.parse(line) as Record<string, unknown>;
  if (root['_aws'] === undefined) return [];
  const { Timestamp: at, CloudWatchMetrics } = root['_aws'] as EmbeddedMetrics;
  const textOf = (member: string): string => {
    const value = root[member];
    if (typeof value !== 'string' || value === '') throw new TypeError(`the dimension ${member} is no text`);
    return value;
  };
  return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name: name, Unit: unit }) => {
        const value = root[name];
        if (typeof value !== 'number') throw new TypeError(`the metric ${name} is no number`);
        const dimensions = Object.fromEntries(names.map((dimension) => [dimension, textOf(dimension)]));
        return { namespace, name, unit, dimensions, value, at };
      }),
    ),
  );
};
