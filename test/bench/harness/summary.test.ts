import { expect, test } from 'vitest';
import { divideByRound, summarise } from '../../../bench/harness/summary.ts';

test('median and quartiles lie between their neighbours', () => {
  expect(summarise([4, 1, 3, 2])).toEqual({
    median: 2.5,
    lowerQuartile: 1.75,
    upperQuartile: 3.25,
    least: 1,
    greatest: 4,
    count: 4,
  });
  expect(summarise([5, 9, 7])).toMatchObject({ median: 7, lowerQuartile: 6, upperQuartile: 8 });
});

test('a single value is its own summary', () => {
  expect(new Set(Object.values(summarise([7])))).toEqual(new Set([7, 1]));
});

test('no measurements, and measurements that failed, are refused', () => {
  expect(() => summarise([])).toThrow(RangeError);
  expect(() => summarise([1, Number.NaN])).toThrow(RangeError);
});

test('ratios are taken round by round', () => {
  expect(divideByRound([2, 6], [1, 2])).toEqual([2, 3]);
  expect(() => divideByRound([1, 2], [1])).toThrow('2 measurements against 1');
});
