import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type MetricDefinition, metrics } from '../../functions/platform/metrics.ts';
import { type Alarm, type MetricQuery, periodOf } from '../support/alarm.ts';
import { readAlarms } from '../support/read-alarms.ts';

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
const [metricPart = '', alarmPart = ''] = page.split('## Alarms\n');

/** A row of the page as the table in the code says it, without what is told of its value. */
const toRow = ([name, { by, unit, kind, events, field }]: [string, MetricDefinition]): string => {
  const title = by === undefined ? `\`${name}\`` : `\`${name}\` by \`${by.dimension}\``;
  const value = field === undefined ? '1' : `\`${field}\``;
  return `| ${title} | ${unit} | ${kind} | ${events.map((event) => `\`${event}\``).join(', ')} | ${value}`;
};

const signs: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: '≥',
  GreaterThanThreshold: '>',
  LessThanOrEqualToThreshold: '≤',
  LessThanThreshold: '<',
};

const nameOf = ({ namespace, name }: MetricQuery): string =>
  namespace.startsWith('AWS/') ? `\`${namespace} ${name}\`` : `\`${name}\``;

const toAlarmRow = (alarm: Alarm): string => {
  const { id, queries, watched, expressions } = alarm;
  const [first] = Object.values(queries);
  const [, page = 'runbook.md', anchor = ''] = /(?:docs\/([\w-]+\.md))?#([\w-]+)$/.exec(alarm.description) ?? [];
  const statistic = first?.statistic ?? '';
  const of = Object.hasOwn(expressions, watched)
    ? `the expression over ${Object.keys(queries).length} of them`
    : statistic;
  const minutes = periodOf(alarm) / 60_000;
  const rule = `${of} in ${minutes} min ${signs[alarm.comparison]} ${alarm.threshold}, ${alarm.datapointsToAlarm} of ${alarm.evaluationPeriods}`;
  const silence = alarm.missing === 'breaching' ? '; silence counts too' : '';
  return `| [${id.replace(/Alarm$/, '')}](${page}#${anchor}) | ${first === undefined ? '' : nameOf(first)} | ${rule}${silence} |`;
};

describe('the page', () => {
  test('lists every metric of the code, in its order and as it is', () => {
    const rows = metricPart.split('\n').filter((line) => line.startsWith('| `'));
    const expected = Object.entries(metrics).map(toRow);
    expect(rows.map((row, at) => row.slice(0, expected[at]?.length))).toEqual(expected);
  });

  test('lists every alarm of infra/alarms/, as it is', () => {
    const rows = alarmPart.split('\n').filter((line) => line.startsWith('| ['));
    expect(rows).toEqual(readAlarms('prod').map(toAlarmRow));
  });
});
