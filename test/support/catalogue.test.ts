import { describe, expect, test } from 'vitest';
import { answerCatalogue, readCatalogue, rowsOfTitle, titlesInSource } from './catalogue.ts';

const document = `
| row | what | required |
|---|---|---|
| X1 | not a row | - |
| A1 | one | holds |
| A2 | two | holds |
| A3 | three | holds |
| A4 | four | holds |

## Not tested here

| row | why |
|---|---|
| A3 | no such machine here |
`;
const result = (title: string, passed = true) => ({ titles: ['a group', title], passed });

describe('the catalogue', () => {
  test('is the tables of the document, with the reasons at its end', () => {
    expect(readCatalogue(document)).toEqual([
      { id: 'A1', what: 'one' },
      { id: 'A2', what: 'two' },
      { id: 'A3', what: 'three', reason: 'no such machine here' },
      { id: 'A4', what: 'four' },
    ]);
  });
  test('is answered by tests that name its rows; one that failed outweighs all that passed', () => {
    const results = [result('A1: x'), result('A1, A2: y'), result('A2: z', false), result('about A4')];
    const answered = answerCatalogue(readCatalogue(document), results);
    expect(answered.map(({ id, answer, tests }) => [id, answer, tests.length])).toEqual([
      ['A1', 'passed', 2],
      ['A2', 'failed', 2],
      ['A3', 'reason', 0],
      ['A4', 'without', 0],
    ]);
  });
});

test.each([
  ['A6: x', ['A6']],
  ['A6, A34: x', ['A6', 'A34']],
  ['A20–A23, T1: x', ['A20', 'A21', 'A22', 'A23', 'T1']],
  ['a title (A6)', []],
  ['A6 without a colon', []],
  ['I5: an invariant', []],
])('the title %j names %j', (title, ids) => {
  expect(rowsOfTitle(title)).toEqual(ids);
});

test('titles are found in sources in any kind of quotes, also behind a table', () => {
  const source = ["test('A1: x', () => {})", 'it("A2: y")', 'test.each([1])(\n  `A3: z`', "expect('A4')"].join('\n');
  expect(titlesInSource(source).flatMap(rowsOfTitle)).toEqual(['A1', 'A2', 'A3']);
});
