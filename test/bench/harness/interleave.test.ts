import { expect, test } from 'vitest';
import { interleave } from '../../../bench/harness/interleave.ts';

/** Things that note their turn, and measure it. */
const takeTurns = () => {
  const turns: string[] = [];
  const thing = (name: string) => () => turns.push(name);
  return { turns, things: { a: thing('a'), b: thing('b') } };
};

test('every second round is in reverse', async () => {
  const { turns, things } = takeTurns();
  const results = await interleave(things, 4, 0);
  expect(turns.join('')).toBe('abbaabba');
  expect(results).toEqual({ a: [1, 4, 5, 8], b: [2, 3, 6, 7] });
});

test('rounds to warm up come first and are thrown away', async () => {
  const { turns, things } = takeTurns();
  expect(await interleave(things, 1, 2)).toEqual({ a: [5], b: [6] });
  expect(turns).toHaveLength(6);
});

test('a measurement that fails fails the run', async () => {
  const fail = () => Promise.reject(new Error('no answer'));
  await expect(interleave({ a: () => 1, b: fail }, 3)).rejects.toThrow('no answer');
});
