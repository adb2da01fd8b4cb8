import { describe, expect, test } from 'vitest';
import { isBinaryId } from '../../functions/binaries/binary.ts';
import { isSortableUuid, leastSortableUuid, randomIds, timeOfSortableUuid } from '../../functions/platform/ids.ts';

describe('randomIds', () => {
  test('sortable ids have the form of Binary ids and sort by their time', () => {
    const times = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 0, 0, 1), Date.UTC(2030, 0, 1)];
    const ids = times.map((time) => randomIds.sortableUuid(time));
    expect(ids.every(isBinaryId)).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });
  test('no two ids are equal', () => {
    const ids = Array.from({ length: 1000 }, () => randomIds.sortableUuid(0));
    expect(new Set([...ids, ...ids.map(() => randomIds.uuid())]).size).toBe(2000);
  });
});

test('the least id of a time sorts before all ids of that time and behind all earlier ones', () => {
  const time = Date.UTC(2026, 3, 16, 11, 44, 11, 919);
  const [before, after] = [randomIds.sortableUuid(time - 1), randomIds.sortableUuid(time)];
  const least = leastSortableUuid(time);
  expect([after, least, before].sort()).toEqual([before, least, after]);
  expect(leastSortableUuid(-5)).toBe(leastSortableUuid(0));
});

test('the time of a sortable id is read from it, and from nothing else', () => {
  const time = Date.UTC(2026, 3, 16, 11, 44, 11, 919);
  for (const id of [randomIds.sortableUuid(time), leastSortableUuid(time)]) {
    expect([isSortableUuid(id), timeOfSortableUuid(id)]).toEqual([true, time]);
  }
  for (const id of [
    randomIds.uuid(),
    'x',
    '',
    randomIds.sortableUuid(time).toUpperCase(),
    `${leastSortableUuid(time)}0`,
  ]) {
    expect([isSortableUuid(id), timeOfSortableUuid(id)]).toEqual([false, undefined]);
  }
});
