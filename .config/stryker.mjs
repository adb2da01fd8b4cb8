/** Mutation testing: `npm run mutate -- <area>`. What is mutated, and against which tests, is chosen by test/mutation/mutate.ts. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: '.config/vitest.mutation.config.ts', related: false },
  // The documents are there: a test compares one with what the code computes.
  ignorePatterns: ['dist', '.local', '.serverless'],
  // Stryker would read it through TypeScript's API, which TypeScript 7 does not have.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  // A machine that has other work to do must not pass for a test that noticed.
  timeoutMS: 10_000,
  timeoutFactor: 4,
  reporters: [],
  warnings: { slow: false },
  logLevel: 'error',
};
