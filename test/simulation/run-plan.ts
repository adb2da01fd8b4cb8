import type { DecisionTape } from './decision-tape.ts';
import { type FaultKind, faultKinds } from './fate.ts';
import { type ImportSwarm, withImports } from './imports/import-swarm.ts';
import { firstWithImports, themeOf } from './themes.ts';

const second = 1000;
const minute = 60 * second;

/** What happens to the whole system at some time of a run. */
export type IncidentKind =
  | 'dispatcher-off'
  | 'dynamodb-down'
  | 's3-content-down'
  | 's3-data-down'
  | 'sqs-down'
  | 'exports-down'
  | 'dynamodb-refused'
  | 's3-content-refused'
  | 's3-data-refused'
  | 'deploy'
  | 'replace-data'
  | 'spoil-data'
  | 'damage-summaries';

/** One of them; `duration` means something where a thing is down. Milliseconds from the run's start. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly at: number;
  readonly duration: number;
  /** Which tenant's data. */
  readonly tenant: number;
}

/** What a user does. */
export type UserAction =
  | 'execute'
  | 'execute-with-key'
  | 'schedule'
  | 'schedule-with-key'
  | 'read'
  | 'vread'
  | 'history'
  | 'status'
  | 'delete'
  | 'delete-if-match'
  | 'read-foreign'
  | 'wait';

/** The settings of one run, drawn from its tape: a swarm, each member of which goes wrong in its own way. */
export interface RunPlan {
  readonly start: number;
  /** Users, each with the number of its tenant and of its browser tabs. */
  readonly users: readonly { readonly tenant: number; readonly user: number; readonly tabs: number }[];
  readonly actionsPerTab: number;
  readonly actions: readonly UserAction[];
  /** In place of actions that are drawn. */
  readonly script?: readonly UserAction[];
  /** Longest pause of a user between two actions. */
  readonly longestThought: number;
  readonly workers: number;
  readonly dispatchers: number;
  /** Of 256 calls, so many go wrong. */
  readonly faultRate: number;
  readonly faults: readonly FaultKind[];
  /** Roles whose calls go wrong. */
  readonly faultyRoles: readonly string[];
  /** Operations whose calls go wrong; all of them where there are none. */
  readonly faultyOperations: readonly string[];
  /** Of 256 reads of a data set, so many have its tenant load the next one at that moment. */
  readonly replaceRate: number;
  /** Of 256 failed jobs, so many are reopened by an operator. */
  readonly reopenRate: number;
  /** How long a loader takes from one object to the next. */
  readonly loaderPause: number;
  /** How long a call takes, chosen for each. */
  readonly latencies: readonly number[];
  /** How far clocks are off, chosen for each process. */
  readonly clockOffsets: readonly number[];
  /** How late indexes are, chosen for each write. */
  readonly lags: readonly number[];
  /** Of 256 messages, so many are lost, delayed, doubled or delivered again. */
  readonly queueFaultRate: number;
  readonly incidents: readonly Incident[];
  /** Users that have done all they wanted wait so long, from the start, until nothing goes wrong any more. */
  readonly faultyFor: number;
  readonly settings: 'usual' | 'hasty';
  /** Manifests tell sizes, counts and checksums of their files. */
  readonly hasExactManifests: boolean;
  /** Data sets are imported. Without, they are loaded by hand. */
  readonly imports?: ImportSwarm;
}

const choose = <Choice>(tape: DecisionTape, choices: readonly [Choice, ...Choice[]]): Choice =>
  choices[tape.draw(choices.length)] ?? choices[0];

const subset = <Member>(tape: DecisionTape, members: readonly Member[]): readonly Member[] => {
  const kept = members.filter(() => tape.chance(128));
  return kept.length === 0 ? members : kept;
};

const actionMixes = [
  ['execute', 'read', 'execute-with-key', 'status', 'delete', 'vread', 'read-foreign'],
  ['execute', 'read', 'read', 'vread', 'history', 'status', 'read-foreign'],
  ['execute-with-key', 'execute-with-key', 'delete', 'read'],
  ['execute', 'read', 'delete', 'delete-if-match', 'history'],
  ['schedule', 'schedule-with-key', 'read', 'status', 'delete'],
  ['execute', 'execute-with-key', 'schedule', 'read-foreign', 'read', 'status', 'delete', 'history', 'vread'],
] as const satisfies readonly (readonly UserAction[])[];

const userSets = [
  [{ tenant: 0, user: 0, tabs: 1 }],
  [{ tenant: 0, user: 0, tabs: 2 }],
  [
    { tenant: 0, user: 0, tabs: 1 },
    { tenant: 1, user: 0, tabs: 1 },
  ],
  [
    { tenant: 0, user: 0, tabs: 1 },
    { tenant: 0, user: 1, tabs: 1 },
    { tenant: 1, user: 0, tabs: 1 },
  ],
] as const;

const drawIncidents = (tape: DecisionTape): readonly Incident[] =>
  Array.from({ length: choose(tape, [0, 0, 1, 1, 2, 3, 5]) }, () => ({
    kind: choose<IncidentKind>(tape, [
      'replace-data',
      'deploy',
      'dispatcher-off',
      'dynamodb-down',
      's3-content-down',
      's3-data-down',
      'sqs-down',
      'spoil-data',
      'replace-data',
      's3-data-refused',
      's3-content-refused',
      'dynamodb-refused',
      'damage-summaries',
    ]),
    at: choose(tape, [0, 1, 2, 4, 10, 40, 150, 600]) * second + tape.draw(50) * 20,
    duration: choose(tape, [20 * second, 2 * minute, 5 * minute, 8 * minute, 25 * minute]),
    tenant: tape.draw(2),
  }));

/** Faults that go together find what single ones do not. */
const faultSets: readonly (readonly FaultKind[])[] = [
  ['freeze', 'slow-answer'],
  ['unreachable', 'silence'],
  ['answer-lost', 'fail-before', 'silence'],
  ['crash-before', 'crash-after'],
  ['slow', 'slow-answer'],
  ['clock-jump', 'freeze', 'crash-after'],
];

/** The places at which a fault hurts most: transitions, bytes, reading a data set, placing, erasing. */
const operationSets: readonly (readonly string[])[] = [
  ['Update'],
  ['Update', 'PutObject'],
  ['PutObject', 'Put'],
  ['GetObject', 'HeadObject', 'body'],
  ['ListObjectsV2', 'DeleteObjects', 'Update'],
];

/** 14:00 in Copenhagen, or about its night. */
const starts = [12 * 60, 22 * 60 + 30, 23 * 60 + 30, 2 * 60 + 45] as const;

/** Draws a run's settings. A tape of zeros has one user order one report, and nothing goes wrong. */
export const drawPlan = (tape: DecisionTape): RunPlan => {
  const first = tape.draw(256);
  const theme = themeOf(first);
  const plan = { ...drawFreely(tape), ...theme };
  return first < firstWithImports ? plan : withImports(plan, tape);
};

const drawFreely = (tape: DecisionTape): RunPlan => ({
  start: Date.UTC(2026, 3, 16) + choose(tape, starts) * minute + 137,
  users: choose<RunPlan['users']>(tape, userSets),
  actionsPerTab: choose(tape, [1, 2, 3, 4, 7]),
  actions: choose<RunPlan['actions']>(tape, actionMixes),
  longestThought: choose(tape, [2 * second, 20 * second, 90 * second, 5 * minute]),
  workers: choose(tape, [1, 2, 3]),
  dispatchers: choose(tape, [1, 1, 1, 2]),
  faultRate: choose(tape, [0, 4, 12, 24, 48, 96]),
  faults: faultSets[tape.draw(2 * faultSets.length)] ?? subset(tape, faultKinds),
  faultyRoles: choose<readonly string[]>(tape, [
    ['api', 'worker', 'dispatcher'],
    ['worker'],
    ['api'],
    ['dispatcher'],
    ['worker', 'dispatcher'],
  ]),
  faultyOperations: operationSets[tape.draw(2 * operationSets.length)] ?? [],
  replaceRate: choose(tape, [0, 0, 0, 60]),
  reopenRate: choose(tape, [0, 128, 255]),
  loaderPause: choose(tape, [700, 3]),
  latencies: choose<readonly number[]>(tape, [[1], [1, 2, 3, 5], [1, 5, 25, 100, 400], [1, 40, 700, 2500]]),
  clockOffsets: choose<readonly number[]>(tape, [[0], [0, 45 * second, -45 * second], [0, -20 * second, 20 * second]]),
  lags: choose<readonly number[]>(tape, [[0], [0, 1500], [0, 0, 5 * second, 30 * second], [2 * minute, 0, 5 * minute]]),
  queueFaultRate: choose(tape, [0, 16, 64, 128]),
  incidents: drawIncidents(tape),
  hasExactManifests: choose(tape, [true, false]),
  faultyFor: choose(tape, [0, minute, 6 * minute, 20 * minute, 60 * minute]),
  settings: choose(tape, ['usual', 'hasty']),
});
