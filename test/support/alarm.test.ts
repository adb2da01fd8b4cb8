import { describe, expect, test } from 'vitest';
import { type Alarm, computeStatistic, evaluateAlarm } from './alarm.ts';
import { evaluateMetricMath } from './metric-math.ts';
import { type MetricPoint, readMetricPoints } from './metric-points.ts';

const minute = 60_000;
const query = { namespace: 'n', name: 'm', dimensions: { Stage: 'prod' }, statistic: 'Sum', period: 60 };
const alarm: Alarm = {
  id: 'A',
  description: '',
  queries: { metric: query },
  expressions: {},
  watched: 'metric',
  comparison: 'GreaterThanOrEqualToThreshold',
  threshold: 2,
  evaluationPeriods: 3,
  datapointsToAlarm: 2,
  missing: 'notBreaching',
  actions: [],
};
const point = (at: number, value = 1, own: Partial<MetricPoint> = {}): MetricPoint => ({
  namespace: 'n',
  name: 'm',
  unit: 'Count',
  dimensions: { Stage: 'prod' },
  value,
  at,
  ...own,
});
const stateOf = (points: readonly MetricPoint[], own: Partial<Alarm> = {}) =>
  evaluateAlarm({ ...alarm, ...own }, points, 3 * minute);

describe('an alarm', () => {
  test('goes off with as many breaching periods of the last ones as it wants, and no fewer', () => {
    expect(stateOf([point(minute, 2), point(2 * minute, 2)])).toEqual({ state: 'ALARM', values: [2, 2, undefined] });
    expect(stateOf([point(minute, 2), point(2 * minute, 1)]).state).toBe('OK');
    expect(stateOf([point(0, 9), point(-minute, 9)]).state).toBe('OK');
  });
  test('takes a period from after its beginning to its end', () => {
    expect(stateOf([point(1), point(minute), point(minute + 1)]).values).toEqual([2, 1, undefined]);
  });
  test.each([
    [{ namespace: 'N' }],
    [{ name: 'M' }],
    [{ dimensions: { Stage: 'dev' } }],
    [{ dimensions: { Stage: 'prod', Route: 'x' } }],
    [{ dimensions: {} }],
  ])('is on one metric, which %j is not', (own) => {
    expect(stateOf([point(minute, 9, own), point(2 * minute, 9, own)]).state).toBe('OK');
  });
  test('treats silence as it says', () => {
    expect(stateOf([], { missing: 'breaching' }).state).toBe('ALARM');
    expect(stateOf([], { missing: 'notBreaching' }).state).toBe('OK');
    expect(stateOf([], { missing: 'missing' }).state).toBe('INSUFFICIENT_DATA');
  });
  test.each([
    ['GreaterThanThreshold', 2, 'OK'],
    ['GreaterThanThreshold', 3, 'ALARM'],
    ['LessThanThreshold', 2, 'OK'],
    ['LessThanThreshold', 1, 'ALARM'],
    ['LessThanOrEqualToThreshold', 2, 'ALARM'],
  ])('%s 2 with %i: %s', (comparison, value, state) => {
    expect(stateOf([point(minute, value), point(2 * minute, value)], { comparison }).state).toBe(state);
  });
});

test('statistics are those of CloudWatch', () => {
  const values = Array.from({ length: 200 }, (_none, index) => index + 1);
  const names = ['Sum', 'Maximum', 'Minimum', 'Average', 'SampleCount', 'p50', 'p99'];
  expect(names.map((name) => computeStatistic(name, values))).toEqual([20_100, 200, 1, 100.5, 200, 100, 198]);
  expect(computeStatistic('Sum', [])).toBeUndefined();
  expect(() => computeStatistic('Median', [1])).toThrow('no statistic');
});

describe('metric math', () => {
  const values = { a: 6, b: 3, none: undefined };
  test.each([
    ['a - b - 1', 2],
    ['a + b * 2', 12],
    ['(a + b) * 2', 18],
    ['100 * b / a', 50],
    ['MAX([a, b, none])', 6],
    ['SUM([a, FILL(none, 1.5)])', 7.5],
    ['a + none', undefined],
    ['MAX([none])', undefined],
  ])('%s is %s', (expression, value) => {
    expect(evaluateMetricMath(expression, values)).toBe(value);
  });
  test.each(['a +', 'a b', 'c', 'RATE(a)', 'a ? b', '[a] + 1', ''])('%s is not understood', (expression) => {
    expect(() => evaluateMetricMath(expression, values)).toThrow(SyntaxError);
  });
});

test('a line that names what it does not have is no metric, and is told', () => {
  const directive = { Namespace: 'n', Dimensions: [['Stage']], Metrics: [{ Name: 'm', Unit: 'Count' }] };
  const line = (own: object) => JSON.stringify({ _aws: { Timestamp: 5, CloudWatchMetrics: [directive] }, ...own });
  expect(readMetricPoints(line({ m: 1, Stage: 'prod' }))).toEqual([point(5)]);
  expect(() => readMetricPoints(line({ Stage: 'prod' }))).toThrow('the metric m is no number');
  expect(() => readMetricPoints(line({ m: 1 }))).toThrow('the dimension Stage is no text');
  expect(readMetricPoints('{"event":"JOB_CLAIMED"}')).toEqual([]);
});
