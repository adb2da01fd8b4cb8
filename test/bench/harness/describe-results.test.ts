import { expect, test } from 'vitest';
import { describeNumber, describeResults } from '../../../bench/harness/describe-results.ts';
import { figure } from '../../../bench/harness/figure.ts';
import { type Gate, judge } from '../../../bench/harness/gates.ts';

const gates: readonly Gate[] = [
  { name: 'ratio', direction: 'at-most', limit: 4.5, about: 'it is cheap' },
  { name: 'size', direction: 'at-most', limit: 420_000, about: 'it is small' },
];

test('figures stand in a table with gate, spread and verdict, and the reason below where a verdict is withheld', () => {
  const figures = [
    figure('ratio', '×', [3, 4, 5], 'too noisy'),
    figure('size', 'B', [400_000]),
    figure('own', 'ms', [1.5]),
  ];
  expect(describeResults(judge(figures, gates, false))).toBe(
    `
| figure | gate     | median | unit | quartiles (extremes)         | verdict  |
|--------|----------|--------|------|------------------------------|----------|
| ratio  | ≤ 4.500  | 4      | ×    | 3.500 to 4.500 (3 to 5), n 3 | withheld |
| size   | ≤ 420000 | 400000 | B    |                              | kept     |
| own    |          | 1.500  | ms   |                              |          |
Judgement withheld: too noisy.`.trim(),
  );
});

test.each([
  [0.0123, '0.012'],
  [1.2345, '1.234'],
  [12.345, '12.35'],
  [123.45, '123.5'],
  [12345.6, '12346'],
  [-0.5, '-0.500'],
  [42, '42'],
])('%d is told as %s', (value, told) => {
  expect(describeNumber(value)).toBe(told);
});
