/**
 * The areas that are worth mutating, each with the tests that have to notice. Only tests of the area itself: a mutant that nothing but a
 * journey kills counts as surviving.
 */
const known = {
  auth: { mutate: ['functions/auth/*.ts'], tests: ['test/auth/**/*.test.ts'] },
  jobs: {
    mutate: ['functions/jobs/*.ts'],
    tests: [
      'test/jobs/**/*.test.ts',
      'test/worker/**/*.test.ts',
      'test/dispatcher/**/*.test.ts',
      'test/simulation/stores/*.test.ts',
    ],
  },
  statistic: {
    mutate: [
      'functions/reports/patient-usage-stats/*.ts',
      'functions/episodes/{active-days,calendar,time-zone,episode-of-care,fhir-date-time,seen-ids}.ts',
      'functions/episodes/{scan-active-days,scan-alike,scan-date-time,scan-episode,known-shapes,local-days,skip-json,walk-json,hash-table}.ts',
    ],
    tests: ['test/reports/patient-usage-stats/**/*.test.ts', 'test/episodes/*.test.ts'],
  },
};

export const areas = {
  /** The area in the environment variable MUTATE. */
  chosen() {
    const name = process.env.MUTATE ?? '';
    if (!Object.hasOwn(known, name)) throw new Error(`MUTATE has to be one of ${Object.keys(known).join(', ')}`);
    return { name, ...known[name] };
  },
};
