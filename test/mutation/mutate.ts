import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { chooseTests, unmutatedTests } from './choose-tests.ts';
import { mutationAreas } from './mutation-areas.ts';
import { describeScores, describeSurvivor, isUnnoticed, mergeLooks, rangeOf } from './mutation-scores.ts';

// `npm run mutate -- <area> [--only <part of a path>] [--thorough] [--resume] [--concurrency N]`: mutation testing of an area. Each file against
// the tests that are meant for it, which is quick; with --thorough, what survived then against all tests of the area. Notes each file's
// mutants in dist/mutation-<area>.json; --resume leaves out files that are there.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    thorough: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '2' },
  },
});
const [name = ''] = positionals;
const area = mutationAreas[name];
if (area === undefined) throw new Error(`Name an area: ${Object.keys(mutationAreas).join(', ')}`);

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const expand = (globs: readonly string[]): readonly string[] => globSync([...globs]).sort();

const runStryker = (
  mutate: readonly string[],
  tests: readonly string[],
  options: PartialStrykerOptions = {},
): Promise<readonly MutantResult[]> => {
  process.env['MUTATION_TESTS'] = JSON.stringify(tests);
  return new Stryker({
    configFile: '.config/stryker.mjs',
    mutate: [...mutate],
    concurrency: Number(values.concurrency),
    tempDirName: `dist/stryker-${name}`,
    ...options,
  }).runMutationTest();
};

const files = expand(area.source);
const allTests = expand(area.tests).filter((test) => !unmutatedTests.test(test));
const notes = `dist/mutation-${name}.json`;
const results: Record<string, readonly MutantResult[]> = existsSync(notes)
  ? JSON.parse(readFileSync(notes, 'utf8'))
  : {};

const mutateFile = async (file: string): Promise<readonly MutantResult[]> => {
  const begun = performance.now();
  const [, contract = []] =
    Object.entries(area.contracts ?? {}).find(([beginning]) => file.startsWith(beginning)) ?? [];
  const tests = [...new Set([...chooseTests(file, files, allTests), ...contract])];
  const first = await runStryker([file], tests);
  const survivors = first.filter(isUnnoticed);
  // What is run while modules load, all tests would have to be run for; its own tests have the last word there.
  const isDone = !values.thorough || survivors.length === 0 || tests.length === allTests.length;
  const second = isDone ? [] : await runStryker(survivors.map(rangeOf), allTests, { ignoreStatic: true });
  const mutants = mergeLooks(first, second);
  const seconds = Math.round((performance.now() - begun) / 1000);
  write(`${file}: ${first.length} mutants, ${survivors.length} survive its own tests; ${seconds} s`);
  for (const mutant of mutants.filter(isUnnoticed)) write(`  ${describeSurvivor(mutant)}`);
  return mutants;
};

mkdirSync('dist', { recursive: true });
for (const file of files.filter((path) => path.includes(values.only))) {
  if (values.resume && results[file] !== undefined) continue;
  results[file] = await mutateFile(file);
  writeFileSync(notes, JSON.stringify(results, undefined, 1));
}
write(describeScores(files.flatMap((file) => results[file] ?? [])));
