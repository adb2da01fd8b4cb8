import type { RunPlan, UserAction } from './run-plan.ts';

const second = 1000;
const minute = 60 * second;

const standingStill: Partial<RunPlan> = {
  faults: ['freeze'],
  faultyRoles: ['worker'],
  workers: 3,
  faultyFor: 20 * minute,
  actions: ['execute', 'read', 'execute', 'status'],
  incidents: [],
};

/**
 * Settings that go together: what takes three faults at the right places is found by them in a hundred runs, and by settings that are
 * drawn each for itself in a hundred thousand.
 */
const themes: readonly Partial<RunPlan>[] = [
  // Workers that stand still until their lease has long been another's: before their bytes are stored, and after.
  { ...standingStill, faultyOperations: ['body'], faultRate: 80 },
  { ...standingStill, faultyOperations: ['PutObject'], faultRate: 180 },
  { ...standingStill, faultyOperations: ['body', 'PutObject'], faultRate: 96 },
  // Messages that come again while their job is worked on.
  { queueFaultRate: 160, workers: 3, latencies: [1, 40, 700, 2500], clockOffsets: [0] },
  // Writes of which nothing is known.
  { faults: ['silence', 'unreachable'], faultyRoles: ['worker'], faultyOperations: ['Update'], faultRate: 80 },
  { faults: ['silence', 'answer-lost'], faultyRoles: ['api'], faultyOperations: ['Put', 'PutObject'], faultRate: 96 },
  // Writes that arrive when nobody expects them any more.
  { faults: ['slow', 'slow-answer'], faultyOperations: ['Update', 'PutObject', 'DeleteObjects'], faultRate: 96 },
  // Data sets that change while they are read, slowly.
  { replaceRate: 90, latencies: [1, 40, 700, 2500], loaderPause: 3, hasExactManifests: false },
  // Workers that die, one after the other.
  { faults: ['crash-before', 'crash-after'], faultyRoles: ['worker'], faultRate: 48 },
  // What is kept of reports is spoilt between two orders, and their data corrected.
  {
    actions: ['execute', 'wait', 'execute', 'read'],
    actionsPerTab: 7,
    longestThought: 90 * second,
    faultRate: 12,
    hasExactManifests: false,
    incidents: [
      { kind: 'damage-summaries', at: 40 * second, duration: 0, tenant: 0 },
      { kind: 'damage-summaries', at: 150 * second, duration: 0, tenant: 0 },
      { kind: 'replace-data', at: 200 * second, duration: 0, tenant: 0 },
    ],
  },
  // Indexes that show what was.
  { lags: [2 * minute, 0, 5 * minute], faultRate: 24, queueFaultRate: 128, dispatchers: 2 },
];

/** Its Binary is deleted while a slow worker stores it; another order comes when the worker has long been frozen. */
const frozenUpload: Partial<RunPlan> = {
  users: [{ tenant: 0, user: 0, tabs: 1 }],
  workers: 1,
  script: Array.from({ length: 6 }, () => ['execute', 'delete', ...Array<UserAction>(12).fill('wait')] as const).flat(),
  longestThought: 60 * second,
  latencies: [700, 900],
  faults: ['slow', 'slow-answer'],
  faultyRoles: ['worker'],
  faultyOperations: ['body', 'PutObject'],
  faultRate: 256,
  queueFaultRate: 0,
  incidents: [],
};

/** First decisions of runs with a theme that was thought of later. They had none before, so that all other tapes mean what they did. */
export const firstsWithFrozenUpload: readonly number[] = [160, 161, 162, 163, 164];

/** Runs whose first decision is this or more have imports: some three of ten. */
export const firstWithImports = 8 * 2 * themes.length;

/** The theme of runs with this first decision; every second one has none. */
export const themeOf = (first: number): Partial<RunPlan> | undefined =>
  firstsWithFrozenUpload.includes(first) ? frozenUpload : themes[(first % (2 * themes.length)) - themes.length];
