import { evaluateMetricMath, type PeriodValues } from './metric-math.ts';
import type { MetricPoint } from './metric-points.ts';

/** A metric that an alarm or a dashboard asks for. */
export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Sum`, `Maximum`, `p99`, … */
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
  /** Where it asks for one. */
  readonly unit?: string;
}

/** An AWS::CloudWatch::Alarm, its references resolved. */
export interface Alarm {
  readonly id: string;
  readonly description: string;
  /** By id. */
  readonly queries: Readonly<Record<string, MetricQuery>>;
  /** By id; empty where the alarm is on its one query. */
  readonly expressions: Readonly<Record<string, string>>;
  /** The id of what is compared with the threshold. */
  readonly watched: string;
  readonly comparison: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missing: string;
  readonly actions: readonly unknown[];
}

/** What an alarm comes to. */
export interface Evaluation {
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  /** Of each period, the oldest first. */
  readonly values: readonly (number | undefined)[];
}

const comparisons: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One statistic of the values of a period; undefined where there are none. */
export const computeStatistic = (statistic: string, values: readonly number[]): number | undefined => {
  if (statistic === 'SampleCount') return values.length;
  if (values.length === 0) return undefined;
  const [, percentile] = /^p(\d{1,2}(?:\.\d+)?)$/.exec(statistic) ?? [];
  if (percentile !== undefined) {
    const rank = Math.ceil((Number(percentile) / 100) * values.length);
    return values.toSorted((one, other) => one - other)[Math.max(rank, 1) - 1];
  }
  if (statistic === 'Sum') return sum(values);
  if (statistic === 'Maximum') return Math.max(...values);
  if (statistic === 'Minimum') return Math.min(...values);
  if (statistic === 'Average') return sum(values) / values.length;
  throw new TypeError(`no statistic: ${statistic}`);
};

const dimensionKey = (dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(dimensions).sort());

/** As in CloudWatch, a metric is its namespace, its name and the very set of its dimensions. */
const matches = (query: MetricQuery, point: MetricPoint): boolean =>
  point.namespace === query.namespace &&
  point.name === query.name &&
  dimensionKey(point.dimensions) === dimensionKey(query.dimensions);

const valueIn = (alarm: Alarm, points: readonly MetricPoint[], end: number): number | undefined => {
  const values: Record<string, number | undefined> = {};
  for (const [id, query] of Object.entries(alarm.queries)) {
    const begin = end - query.period * 1000;
    const own = points.filter((point) => point.at > begin && point.at <= end && matches(query, point));
    values[id] = computeStatistic(
      query.statistic,
      own.map(({ value }) => value),
    );
  }
  for (const [id, expression] of Object.entries(alarm.expressions)) {
    values[id] = evaluateMetricMath(expression, values satisfies PeriodValues);
  }
  return values[alarm.watched];
};

/** The period of an alarm in milliseconds. */
export const periodOf = (alarm: Alarm): number =>
  Math.max(...Object.values(alarm.queries).map(({ period }) => period)) * 1000;

/**
 * The state of an alarm at a moment, over the last of its periods, which end then: "M out of N", and what `TreatMissingData` says of periods
 * without a value. (CloudWatch looks at periods of the clock, and at a few more where some are missing. What it ignores keeps the state; here it
 * counts for nothing.)
 *
 * @param at milliseconds since the epoch
 */
export const evaluateAlarm = (alarm: Alarm, points: readonly MetricPoint[], at: number): Evaluation => {
  const breaches = comparisons[alarm.comparison];
  if (breaches === undefined) throw new TypeError(`no comparison: ${alarm.comparison}`);
  const period = periodOf(alarm);
  const values = Array.from({ length: alarm.evaluationPeriods }, (_none, index) =>
    valueIn(alarm, points, at - (alarm.evaluationPeriods - 1 - index) * period),
  );
  const isBreach = (value: number | undefined): boolean =>
    value === undefined ? alarm.missing === 'breaching' : breaches(value, alarm.threshold);
  if (values.filter(isBreach).length >= alarm.datapointsToAlarm) return { state: 'ALARM', values };
  const isKnown = alarm.missing !== 'missing' || values.some((value) => value !== undefined);
  return { state: isKnown ? 'OK' : 'INSUFFICIENT_DATA', values };
};
