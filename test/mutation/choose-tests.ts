import { basename, dirname, join } from 'node:path';

/**
 * Tests that mutants are never run against: those that need emulators, those that read the source itself, which is changed, and one that
 * measures the heap, to which the instrumentation adds.
 */
export const unmutatedTests = /\.embedded\.test\.ts$|\/(?:tenant-ports|no-sending|unsigned-tokens)\.test\.ts$/;

/** The tests that mirror a source file: `functions/jobs/job.ts` has `test/jobs/job.test.ts` and `test/jobs/job.<more>.test.ts`. All, where there is none. */
export const chooseTests = (file: string, all: readonly string[]): readonly string[] => {
  const beginning = join(dirname(file).replace(/^functions/, 'test'), `${basename(file, '.ts')}.`);
  const own = all.filter((test) => test.startsWith(beginning));
  return own.length === 0 ? all : own;
};
