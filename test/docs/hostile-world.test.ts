import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { answerCatalogue, readCatalogue, rowsOfTitle, titlesInSource } from '../support/catalogue.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rows = readCatalogue(readFileSync(`${root}/docs/hostile-world.md`, 'utf8'));
const sources = globSync(['test/**/*.test.ts', 'test/support/*-contract.ts'], { cwd: root });
const titles = sources.flatMap((path) => titlesInSource(readFileSync(`${root}/${path}`, 'utf8')));
const results = titles.map((title) => ({ titles: [title], passed: true }));

test('every row of the catalogue has a test that names it, or a reason why not', () => {
  const without = answerCatalogue(rows, results).filter(({ answer }) => answer === 'without');
  expect(without.map(({ id, what }) => `${id} ${what}`)).toEqual([]);
});

test('no row stands there twice, and every row that a test or a reason names is there', () => {
  const ids = rows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(130);
  expect([...new Set(titles.flatMap(rowsOfTitle))].filter((id) => !ids.includes(id))).toEqual([]);
});

test('a row with a test has no reason to have none', () => {
  const tested = answerCatalogue(rows, results).filter(({ tests }) => tests.length > 0);
  expect(tested.filter(({ reason }) => reason !== undefined)).toEqual([]);
});
