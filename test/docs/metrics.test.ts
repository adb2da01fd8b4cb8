import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type MetricDefinition, metrics } from '../../functions/platform/metrics.ts';

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

/** A row of the page as the table in the code says it, without what is told of its value. */
const toRow = ([name, { by, unit, kind, events, field }]: [string, MetricDefinition]): string => {
  const title = by === undefined ? `\`${name}\`` : `\`${name}\` by \`${by.dimension}\``;
  const value = field === undefined ? '1' : `\`${field}\``;
  return `| ${title} | ${unit} | ${kind} | ${events.map((event) => `\`${event}\``).join(', ')} | ${value}`;
};

test('the page lists every metric of the code, in its order and as it is', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const expected = Object.entries(metrics).map(toRow);
  expect(rows.map((row, at) => row.slice(0, expected[at]?.length))).toEqual(expected);
});
