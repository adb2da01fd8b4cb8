import { expect, test } from 'vitest';
import { shrinkTape } from './shrink-tape.ts';

test('a tape is shrunk to the decisions that matter, in a bounded number of runs', async () => {
  const given = Array.from({ length: 1000 }, (_, at) => (at % 255) + 1);
  const fails = async (tape: readonly number[]) => tape[7] === given[7] && tape[20] === given[20];
  const { tape, tried } = await shrinkTape(given, fails);
  expect(await fails(tape)).toBe(true);
  expect(tape.length).toBeLessThan(30);
  expect(tape.filter((decision) => decision !== 0)).toHaveLength(2);
  expect(tried).toBeLessThanOrEqual(300);
});
