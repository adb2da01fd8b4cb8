import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { sampleBinaryId } from '../support/sample-job.ts';

// Every `npm run …` of a page is parsed with the command's own options: the command is imported, run until it has read its arguments, and
// no further.

/** A command has read its arguments. */
class Parsed extends Error {
  readonly call: { readonly values: Record<string, unknown>; readonly options: ParseArgsOptionsConfig };
  constructor(values: Record<string, unknown>, options: ParseArgsOptionsConfig) {
    super('parsed');
    this.call = { values, options };
  }
}

const call = vi.hoisted(() => ({ args: [] as string[], run: async (): Promise<void> => {} }));

vi.mock('../../local/command-line.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../../local/command-line.ts')>()),
  runCommand: async (_usage: string, run: () => Promise<void>) => {
    call.run = run;
  },
  readArguments: (options: ParseArgsOptionsConfig, allowPositionals = false) => {
    const { values } = parseArgs({ args: call.args, options, allowPositionals, strict: true });
    throw new Parsed(values, options);
  },
}));

const { readRedriveOrder } = await import('../../local/redrive-order.ts');
const root = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };

/** The file of each command that package.json runs from a folder. */
const filesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(scripts).flatMap(([name, script]) => {
      const file = new RegExp(`(?:^| )(${folder}/[\\w-]+\\.ts)$`).exec(script)?.[1];
      return file === undefined ? [] : [[name, file]];
    }),
  );

/** Those that are about a service, without the two that start one. */
const runs = new Map<string, () => Promise<void>>();
for (const [name, file] of filesIn('local')) {
  if (name === 'start' || name === 'demo') continue;
  await import(`${root}${file}`);
  runs.set(name, call.run);
}

interface Line {
  readonly page: string;
  readonly text: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** In place of words that stand for something: `<tenant>`, `…`, `"$TOKEN"`. */
const withValues = (text: string): string =>
  text.replaceAll('<binary id>', sampleBinaryId()).replace(/<[^<>]*>|…|"\$\w+"/g, 'x');

/** The commands that a page tells to type, in blocks and within sentences; what follows a comment, a pipe or a redirection is none of theirs. */
const readLines = (page: string): readonly Line[] => {
  const text = readFileSync(`${root}${page}`, 'utf8');
  return [...text.matchAll(/npm run (?:--silent )?([\w-]+)([^`\n]*)/g)].flatMap(([whole, command = '', rest = '']) => {
    const typed = (withValues(rest).split(/ [#|>] ?/)[0] ?? '').trim();
    const args = typed === '' ? [] : typed.split(/\s+/);
    return runs.has(command) ? [{ page, text: whole, command, args }] : [];
  });
};

const pages = ['README.md', ...globSync('docs/*.md', { cwd: root })];
const lines = pages.flatMap(readLines);

const parse = async ({ command, args }: Line): Promise<Parsed['call']> => {
  // Without it npm keeps options to itself.
  if (args.length > 0 && args[0] !== '--') throw new Error(`there is no -- before ${args[0]}`);
  call.args = args.slice(1);
  const stopped: unknown = await runs
    .get(command)?.()
    .catch((error: unknown) => error);
  if (stopped instanceof Parsed) return stopped.call;
  throw stopped;
};

test('commands are found on the pages', () => {
  expect(new Set(lines.map(({ command }) => command))).toEqual(new Set(runs.keys()));
});

test.each(lines)('$page: $text parses with the options of its command', async (line) => {
  const { values } = await parse(line);
  if (line.command === 'redrive') readRedriveOrder(values as Parameters<typeof readRedriveOrder>[0]);
});

describe('what an operator of a deployed stage is told to type', () => {
  const names = ['runbook', 'operators-guide', 'data-protection', 'failover', 'restore-drill', 'upgrades'];
  const operated = names.map((name) => `docs/${name}.md`);
  test.each(lines.filter(({ page }) => operated.includes(page)))('$page: $text works on that stage', async (line) => {
    const { values, options } = await parse(line);
    if (!('stage' in options) || values['table'] !== undefined) return;
    expect([values['stage'], values['region']]).not.toContain(undefined);
  });
});
