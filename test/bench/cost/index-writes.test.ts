import { expect, test } from 'vitest';
import {
  countStoredBytes,
  countWriteUnits,
  type Item,
  sizeOfItem,
  type TableIndexes,
} from '../../../bench/cost/index-writes.ts';

const table: TableIndexes = {
  KeySchema: [{ AttributeName: 'pk' }],
  GlobalSecondaryIndexes: [
    { KeySchema: [{ AttributeName: 'open' }, { AttributeName: 'due' }], Projection: { ProjectionType: 'ALL' } },
    {
      KeySchema: [{ AttributeName: 'owner' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['status'] },
    },
  ],
};
const plain: Item = { pk: { S: 'a' }, owner: { S: 'o' }, status: { S: 'QUEUED' } };
const open: Item = { ...plain, open: { S: 'x' }, due: { S: '1' } };

test('an item weighs its names and values; numbers half a byte a digit', () => {
  expect(sizeOfItem({ pk: { S: 'æ' }, n: { N: '1234' }, yes: { BOOL: true } })).toBe(2 + 2 + 1 + 3 + 3 + 1);
  expect(sizeOfItem({ l: { L: [{ S: 'ab' }] }, m: { M: { in: { S: 'c' } } } })).toBe(1 + 3 + 1 + 2 + (1 + 3 + 2 + 1));
});

test.each<[string, Item | undefined, Item | undefined, number]>([
  ['a new item, in the table and in one index', undefined, plain, 2],
  ['a new item in both indexes', undefined, open, 3],
  ['a change that one index holds', plain, { ...plain, status: { S: 'DONE' } }, 2],
  ['a change that no index holds', plain, { ...plain, note: { S: 'x' } }, 1],
  ['a change that moves the item in an index', open, { ...open, due: { S: '2' } }, 3],
  ['an item that leaves an index', open, plain, 2],
  ['a removal', open, undefined, 3],
  ['a write that changes nothing, such as one whose condition fails', open, open, 1],
  ['the removal of nothing', undefined, undefined, 1],
])('%s', (_what, before, after, units) => {
  expect(countWriteUnits(before, after, table)).toBe(units);
});

test('each kilobyte begun counts, of the larger of both items', () => {
  const long = { ...plain, note: { S: 'x'.repeat(2000) } };
  expect(countWriteUnits(long, plain, table)).toBe(2);
  expect(countWriteUnits(undefined, { ...long, open: { S: 'x' }, due: { S: '1' } }, table)).toBe(2 + 2 + 1);
});

test('an item takes its size and 100 bytes in the table and in each index that it is in', () => {
  const held = sizeOfItem(plain);
  expect(countStoredBytes(plain, table)).toBe(held + 100 + held + 100);
});
