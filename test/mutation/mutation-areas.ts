/** Source files that are mutated together, and the tests that have to notice. */
export interface MutationArea {
  /** Globs below the project's root. */
  readonly source: readonly string[];
  /** Globs of all tests of the area. A mutant that nothing but a journey or an emulator's test kills counts as surviving. */
  readonly tests: readonly string[];
  /** Tests that are meant for some files besides those that mirror them, by the beginning of their paths. */
  readonly contracts?: Readonly<Record<string, readonly string[]>>;
}

/** The areas that are worth mutating, by name. */
export const mutationAreas: Readonly<Record<string, MutationArea>> = {
  auth: {
    source: ['functions/auth/*.ts'],
    tests: ['test/auth/*.test.ts'],
    // The verifier's tests were there first, and say of every claim and key what becomes of it.
    contracts: {
      'functions/auth/token-claims': ['test/auth/verify-token.test.ts'],
      'functions/auth/verification-key': ['test/auth/key-set.test.ts', 'test/auth/verify-token.test.ts'],
    },
  },
  jobs: {
    source: ['functions/jobs/*.ts'],
    tests: [
      'test/jobs/*.test.ts',
      'test/worker/*.test.ts',
      'test/dispatcher/*.test.ts',
      'test/simulation/stores/*.test.ts',
    ],
    // Its conditions and updates as text, over a table that evaluates them.
    contracts: {
      'functions/jobs/dynamodb-job-store': ['test/simulation/stores/in-memory-table.test.ts'],
      'functions/jobs/dynamodb-job-list': ['test/simulation/stores/in-memory-table.test.ts'],
      'functions/jobs/dynamodb-open-job-index': ['test/simulation/stores/in-memory-table.test.ts'],
      'functions/jobs/job-conditions': ['test/simulation/stores/in-memory-table.test.ts'],
      'functions/jobs/job-requests': ['test/simulation/stores/in-memory-table.test.ts'],
    },
  },
  statistic: {
    // What counts, and not what fetches: S3, manifests and gzip have the emulators' tests.
    source: [
      'functions/reports/patient-usage-stats/*.ts',
      'functions/episodes/{active-days,calendar,episode-of-care,fhir-date-time,local-days,time-zone}.ts',
      'functions/episodes/{scan,byte,hash,seen,known,shape,shared,skip,walk}-*.ts',
    ],
    tests: ['test/reports/patient-usage-stats/*.test.ts', 'test/episodes/*.test.ts'],
    // Its own test compares two ways of taking lines in; that both are right, the report's tests say.
    contracts: {
      'functions/reports/patient-usage-stats/take-episodes': [
        'test/reports/patient-usage-stats/patient-usage-stats.test.ts',
      ],
    },
  },
};
