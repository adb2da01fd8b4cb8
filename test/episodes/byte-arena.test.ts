import { expect, test } from 'vitest';
import { createByteArena } from '../../functions/episodes/byte-arena.ts';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';

test('what was kept is found at its place and nowhere else, at its full length only', () => {
  const arena = createByteArena();
  const text = byteTextOf(Buffer.from('Patient/12Patient/123'));
  const [short, long] = [arena.add(3, text, 0, 10), arena.add(3, text, 10, 21)];
  expect([
    arena.isAt(short, 3, text, 0, 10),
    arena.isAt(short, 3, text, 10, 20),
    arena.isAt(long, 3, text, 10, 21),
  ]).toEqual([true, true, true]);
  expect([
    arena.isAt(short, 3, text, 10, 21),
    arena.isAt(long, 3, text, 0, 10),
    arena.isAt(short, 3, text, 1, 11),
  ]).toEqual([false, false, false]);
});

test('equal bytes of another kind are others', () => {
  const arena = createByteArena();
  const text = byteTextOf(Buffer.from('123'));
  const [one, other] = [arena.add(0, text, 0, 3), arena.add(255, text, 0, 3)];
  expect([0, 255].map((kind) => [arena.isAt(one, kind, text, 0, 3), arena.isAt(other, kind, text, 0, 3)])).toEqual([
    [true, false],
    [false, true],
  ]);
});

test('places stay what they are while chunks are added, also for strings that fill more than one', () => {
  const arena = createByteArena();
  const text = byteTextOf(Buffer.alloc(1_500_000, 'abcdefg'));
  const lengths = [700_000, 700_000, 1_500_000, 0, 5];
  const places = lengths.map((length) => arena.add(3, text, 0, length));
  expect(new Set(places).size).toBe(lengths.length);
  for (const [at, place] of places.entries()) expect(arena.isAt(place, 3, text, 0, lengths[at] ?? 0)).toBe(true);
});
