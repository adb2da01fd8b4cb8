import { areas } from './mutation-areas.mjs';

/** Mutation testing of one area: `MUTATE=auth npm run mutate`. Report: dist/mutation-<area>.json. */
const { name, mutate } = areas.chosen();

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: '.config/vitest.mutation.config.ts', related: false },
  mutate,
  // The documents are there: a test compares one with what the code computes.
  ignorePatterns: ['dist', '.local', '.serverless'],
  // Stryker would read it through TypeScript's API, which TypeScript 7 does not have.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
  timeoutMS: 5000,
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: `dist/mutation-${name}.json` },
  tempDirName: `dist/stryker-${name}`,
  warnings: { slow: false },
};
