import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (page: string): string => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');

/** The first cells of the table under a heading, without the table's own head. */
const firstCells = (page: string, heading: string): readonly string[] => {
  const section = read(page).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (.+?) \|/gm)].map(([, cell = '']) => cell).slice(1);
};

test('the failover page says of everything that is held whether it moves with its tenant', () => {
  const held = firstCells('data-protection.md', 'What is held').flatMap(
    (cell) => /^\*\*(.+?)\*\*/.exec(cell)?.[1] ?? [],
  );
  expect(held.length).toBeGreaterThan(8);
  const told = firstCells('failover.md', 'What moves, and what does not').map((cell) => cell.toLowerCase());
  expect(held.filter((name) => !told.some((cell) => cell.includes(name.toLowerCase())))).toEqual([]);
});
