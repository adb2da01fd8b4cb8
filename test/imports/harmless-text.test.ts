import { expect, test } from 'vitest';
import { toHarmlessText } from '../../functions/imports/harmless-text.ts';

test.each([
  ['42 % done, 3 of 7 files (1.5 GB)', '42 % done, 3 of 7 files (1.5 GB)'],
  ['Patient/123 is next', 'Patient 123 is next'],
  ['\u001b[31mred\u202e\n\r', '31mred'],
  ['<script>alert("x")</script>', 'script alert( x ) script'],
  ['æøå', undefined],
  ['', undefined],
  [undefined, undefined],
])('of %j an operator is shown %j', (text, expected) => {
  expect(toHarmlessText(text)).toBe(expected);
});

test('at most a hundred characters are shown', () => {
  expect(toHarmlessText('x'.repeat(5_000))).toHaveLength(100);
});
