import { expect, test } from 'vitest';
import { createByteArena } from '../../functions/episodes/byte-arena.ts';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';

test('what was kept is found at its place and nowhere else, at its full length only', () => {
  const arena = createByteArena();
  const text = byteTextOf(Buffer.from('Patient/12Patient/123'));
  const [short, long] = [arena.add(text, 0, 10), arena.add(text, 10, 21)];
  expect([arena.isAt(short, text, 0, 10), arena.isAt(short, text, 10, 20), arena.isAt(long, text, 10, 21)]).toEqual([
    true,
    true,
    true,
  ]);
  expect([arena.isAt(short, text, 10, 21), arena.isAt(long, text, 0, 10), arena.isAt(short, text, 1, 11)]).toEqual([
    false,
    false,
    false,
  ]);
});

test('places stay what they are while chunks are added, also for strings that fill more than one', () => {
  const arena = createByteArena();
  const text = byteTextOf(Buffer.alloc(1_500_000, 'abcdefg'));
  const lengths = [700_000, 700_000, 1_500_000, 0, 5];
  const places = lengths.map((length) => arena.add(text, 0, length));
  expect(new Set(places).size).toBe(lengths.length);
  for (const [at, place] of places.entries()) expect(arena.isAt(place, text, 0, lengths[at] ?? 0)).toBe(true);
});
