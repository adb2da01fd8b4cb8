import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { readArguments, runCommand, UsageError } from '../../local/command-line.ts';
import { readWholeOption } from '../../local/number-option.ts';
import { chooseTests, unmutatedTests } from './choose-tests.ts';
import { type MutationArea, mutationAreas } from './mutation-areas.ts';
import { describeScores, describeSurvivor, isUnnoticed, mergeLooks, rangeOf } from './mutation-scores.ts';

const usage = `npm run mutate -- <area> [--only <part of a path>] [--thorough] [--resume] [--concurrency 2]

Mutation testing of an area (${Object.keys(mutationAreas).join(', ')}): each file against the tests that are meant for it. Notes each file's mutants in
dist/mutation-<area>.json.
  --only         files whose path has that in it
  --thorough     what survives its own tests meets all tests of the area
  --resume       leaves out files that the notes have
  --concurrency  processes, 1 to 64`;

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const expand = (globs: readonly string[]): readonly string[] => globSync([...globs]).sort();

/** What is asked for. */
interface Order {
  readonly name: string;
  readonly area: MutationArea;
  readonly only: string;
  readonly thorough: boolean;
  readonly resume: boolean;
  readonly concurrency: number;
}

/** @throws UsageError */
const readOrder = (): Order => {
  const options = {
    only: { type: 'string', default: '' },
    thorough: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '2' },
  } as const;
  const { values, positionals } = readArguments(options, true);
  const [name = ''] = positionals;
  const area = Object.hasOwn(mutationAreas, name) ? mutationAreas[name] : undefined;
  if (area === undefined || positionals.length > 1) {
    throw new UsageError(`One area has to be named: ${Object.keys(mutationAreas).join(', ')}`);
  }
  return { ...values, name, area, concurrency: readWholeOption('concurrency', values.concurrency, 1, 64) };
};

const runStryker = async (
  { name, concurrency }: Order,
  mutate: readonly string[],
  tests: readonly string[],
  options: PartialStrykerOptions = {},
): Promise<readonly MutantResult[]> => {
  // Loaded only where it is needed: it takes a second.
  const { Stryker } = await import('@stryker-mutator/core');
  process.env['MUTATION_TESTS'] = JSON.stringify(tests);
  return new Stryker({
    configFile: '.config/stryker.mjs',
    mutate: [...mutate],
    concurrency,
    tempDirName: `dist/stryker-${name}`,
    ...options,
  }).runMutationTest();
};

const mutateFile = async (
  order: Order,
  file: string,
  files: readonly string[],
  allTests: readonly string[],
): Promise<readonly MutantResult[]> => {
  const begun = performance.now();
  const [, contract = []] =
    Object.entries(order.area.contracts ?? {}).find(([beginning]) => file.startsWith(beginning)) ?? [];
  const tests = [...new Set([...chooseTests(file, files, allTests), ...contract])];
  const first = await runStryker(order, [file], tests);
  const survivors = first.filter(isUnnoticed);
  // What is run while modules load, all tests would have to be run for; its own tests have the last word there.
  const isDone = !order.thorough || survivors.length === 0 || tests.length === allTests.length;
  const second = isDone ? [] : await runStryker(order, survivors.map(rangeOf), allTests, { ignoreStatic: true });
  const mutants = mergeLooks(first, second);
  const seconds = Math.round((performance.now() - begun) / 1000);
  write(`${file}: ${first.length} mutants, ${survivors.length} survive its own tests; ${seconds} s`);
  for (const mutant of mutants.filter(isUnnoticed)) write(`  ${describeSurvivor(mutant)}`);
  return mutants;
};

await runCommand(usage, async () => {
  const order = readOrder();
  const files = expand(order.area.source);
  const allTests = expand(order.area.tests).filter((test) => !unmutatedTests.test(test));
  const wanted = files.filter((path) => path.includes(order.only));
  if (wanted.length === 0) throw new UsageError(`No file of ${order.name} has ${order.only} in its path`);
  const notes = `dist/mutation-${order.name}.json`;
  const results: Record<string, readonly MutantResult[]> = existsSync(notes)
    ? JSON.parse(readFileSync(notes, 'utf8'))
    : {};
  mkdirSync('dist', { recursive: true });
  for (const file of wanted) {
    if (order.resume && results[file] !== undefined) continue;
    results[file] = await mutateFile(order, file, files, allTests);
    writeFileSync(notes, JSON.stringify(results, undefined, 1));
  }
  write(describeScores(files.flatMap((file) => results[file] ?? [])));
});
