import { expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { createSharedBeginnings, mostBeginnings } from '../../functions/episodes/shared-beginnings.ts';

const createBeginnings = () => {
  const beginnings = createSharedBeginnings();
  return (string: string): number => {
    const text = byteTextOf(Buffer.from(`<${string}`));
    return beginnings.numberOf(text, 1, 1 + string.length);
  };
};

test('the same bytes always have the same number, others another', () => {
  const numberOf = createBeginnings();
  const strings = ['https://a.example.test/', 'https://b.example.test/', '', 'https://a.example.test', '/'];
  expect(strings.map(numberOf)).toEqual([1, 2, 3, 4, 5]);
  expect(strings.toReversed().map(numberOf)).toEqual([5, 4, 3, 2, 1]);
});

test('what comes when there are enough has none, also later; those that have one keep it', () => {
  const numberOf = createBeginnings();
  for (let n = 1; n <= mostBeginnings; n += 1) expect(numberOf(`${n}/`)).toBe(n);
  expect([numberOf('more/'), numberOf('more/'), numberOf('7/')]).toEqual([0, 0, 7]);
});

test('a long one has none, and takes nobody’s place', () => {
  const numberOf = createBeginnings();
  expect([numberOf('x'.repeat(2000)), numberOf('x'.repeat(2000)), numberOf('a/')]).toEqual([0, 0, 1]);
});
