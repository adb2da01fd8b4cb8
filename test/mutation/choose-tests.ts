import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Tests that mutants are never run against: those that need emulators, those that read the source itself, which is changed, one that
 * measures the heap, to which the instrumentation adds, and one that makes tens of thousands of hashes collide, which takes a minute with it.
 */
export const unmutatedTests =
  /\.embedded\.test\.ts$|\/(?:tenant-ports|no-sending|unsigned-tokens|hash-table\.collisions)\.test\.ts$/;

/** The tests that mirror a source file: `functions/jobs/job.ts` has `test/jobs/job.test.ts` and `test/jobs/job.<more>.test.ts`. */
const testsOf = (file: string, tests: readonly string[]): readonly string[] => {
  const beginning = join(dirname(file).replace(/^functions/, 'test'), `${basename(file, '.ts')}.`);
  return tests.filter((test) => test.startsWith(beginning));
};

/** Files that import a file of the same folder. */
const importersOf = (file: string, files: readonly string[]): readonly string[] =>
  files.filter(
    (other) => dirname(other) === dirname(file) && readFileSync(other, 'utf8').includes(`'./${basename(file)}'`),
  );

/**
 * The tests that are meant for a source file: those that mirror it; where there are none, those of the files that import it, and so on
 * upwards; where there are none either, all.
 *
 * @param files the source of the area
 * @param tests of the area
 */
export const chooseTests = (file: string, files: readonly string[], tests: readonly string[]): readonly string[] => {
  const seen = new Set([file]);
  for (let level: readonly string[] = [file]; level.length > 0; ) {
    const found = level.flatMap((one) => testsOf(one, tests));
    if (found.length > 0) return [...new Set(found)];
    level = level.flatMap((one) => importersOf(one, files)).filter((one) => !seen.has(one));
    for (const one of level) seen.add(one);
  }
  return tests;
};
