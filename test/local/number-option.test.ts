import { expect, test } from 'vitest';
import { UsageError } from '../../local/command-line.ts';
import { readNumberOption, readWholeOption } from '../../local/number-option.ts';

test('an option that is a number within its bounds is read, the bounds themselves too', () => {
  expect(['0.1', '7', '120'].map((text) => readNumberOption('minutes', text, 0.1, 120))).toEqual([0.1, 7, 120]);
  expect(['0', '007', '16'].map((text) => readWholeOption('workers', text, 0, 16))).toEqual([0, 7, 16]);
});

test.each(['', ' ', 'abc', 'NaN', 'Infinity', '0', '-1', '121', '1e3'])(
  '%j is refused, as a number from 0.1 to 120',
  (text) => {
    expect(() => readNumberOption('minutes', text, 0.1, 120)).toThrow(
      new UsageError('--minutes has to be a number from 0.1 to 120'),
    );
  },
);

test.each(['', ' ', ' 3', 'abc', '0', '-1', '17', '1.5', '1e1', '0x3'])(
  '%j is refused, as a whole number from 1 to 16',
  (text) => {
    expect(() => readWholeOption('workers', text, 1, 16)).toThrow(
      new UsageError('--workers has to be a whole number from 1 to 16'),
    );
  },
);
