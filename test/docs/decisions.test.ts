import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const decisions = globSync('docs/decisions/*.md', { cwd: root }).map((file) => basename(file));
const numberOf = (file: string): string => file.slice(0, 4);
const read = (file: string): string => readFileSync(`${root}${file}`, 'utf8');

test('every decision has a number of its own, which its heading says too', () => {
  expect(decisions.length).toBeGreaterThan(20);
  expect(decisions.filter((file) => !/^\d{4}-[a-z0-9-]+\.md$/.test(file))).toEqual([]);
  const numbers = decisions.map(numberOf);
  expect(decisions.filter((file) => numbers.filter((number) => number === numberOf(file)).length > 1)).toEqual([]);
  const wrong = decisions.filter((file) => !read(`docs/decisions/${file}`).startsWith(`# ${Number(numberOf(file))}. `));
  expect(wrong).toEqual([]);
});

test('a decision that the source, infra or a page names by its file is there, and a link calls it by its number', () => {
  const files = globSync(['README.md', '{docs,bench}/**/*.md', '{bench,functions,infra,local}/**/*.{ts,yml}'], {
    cwd: root,
  });
  const named = files.flatMap((file) =>
    [...read(file).matchAll(/decisions\/(\d{4}-[^\s)`]*)/g)].map(([, decision = '']) => ({ file, decision })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ decision }) => !existsSync(`${root}docs/decisions/${decision}`))).toEqual([]);
  const called = files.flatMap((file) =>
    [...read(file).matchAll(/\[(?:[Dd]ecision )(\d+)\]\([^)]*?(\d{4})-/g)].map(([link, said, number]) =>
      Number(said) === Number(number) ? [] : [{ file, link }],
    ),
  );
  expect(called.length).toBeGreaterThan(10);
  expect(called.flat()).toEqual([]);
});
