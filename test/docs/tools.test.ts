import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (page: string): string => readFileSync(`${root}${page}`, 'utf8');

/** What every shell has by itself, and POSIX demands of every system. */
const everywhere = new Set(['while', 'for', 'do', 'done', 'read', 'head', 'sort', 'grep', 'cat']);

/** The programs that the lines of a shell block begin with, also behind a pipe, a `;`, `&&` or `$(`. */
const commandsIn = (block: string): readonly string[] =>
  block
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/"[^"]*"/g, 'text')
    .replaceAll(/'[^']*'/g, 'text')
    .replaceAll(/(^|\s)#.*$/gm, '')
    .replaceAll(/<[^>]*>/g, 'text')
    .split(/\n|\||;|&&|\$\(/)
    .map((part) => part.replace(/^\s*(do\s+)?([A-Z_]+=(\S+\s+|$))*/, '').split(/\s/)[0] ?? '')
    .filter((word) => /^[a-z]/.test(word) && !everywhere.has(word));

test('every program that a page tells to run is named where an operator begins', () => {
  const begin = read('docs/operators-guide.md').split('\n## ')[1] ?? '';
  const blocks = globSync('docs/*.md', { cwd: root }).flatMap((page) =>
    [...read(page).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => ({ page, block })),
  );
  const used = blocks.flatMap(({ page, block }) => commandsIn(block).map((name) => `${name} (${page})`));
  expect(used).toContain('aws (docs/restore-drill.md)');
  const isNamed = (name: string): boolean => new RegExp(`\\b${name}\\b`, 'i').test(begin);
  expect([...new Set(used)].filter((one) => !isNamed(one.split(' ', 1)[0] ?? ''))).toEqual([]);
});
