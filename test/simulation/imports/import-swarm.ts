import type { DecisionTape } from '../decision-tape.ts';
import type { Incident, RunPlan } from '../run-plan.ts';

const second = 1000;
const minute = 60 * second;

/** What may be wrong with a tenant's server. */
export const exportFaults = [
  'busy', // 429 or 503, with Retry-After
  'expired', // it no longer knows the export
  'file-gone', // a link has run out
  'cut', // the connection is lost amid a file
  'changed', // the manifest of the same export is another one than before
  'signed-out', // tokens are no longer good
  'errors', // resources are missing, it says
  'warnings',
  'empty',
  'endless', // it is never done
  'miscounted', // a file has not as many lines as the manifest says
] as const;

/** One of them. */
export type ExportFault = (typeof exportFaults)[number];

/** What an operator does. Milliseconds from the run's start. */
export interface ImportOrder {
  readonly kind: 'begin' | 'cancel';
  readonly at: number;
  readonly tenant: number;
}

/** The settings of a run in which data sets are imported. */
export interface ImportSwarm {
  readonly orders: readonly ImportOrder[];
  /** Imports that are worked on at a time. */
  readonly importers: number;
  /** How many of the newest data sets tenants keep. */
  readonly keep: number;
  /** Before the run an operator has gone back to the oldest data set. */
  readonly isRolledBack: boolean;
  /** Of 256 requests to a tenant's server, and of 256 exports, so many go wrong. */
  readonly exportFaultRate: number;
  readonly exportFaults: readonly ExportFault[];
}

const choose = <Choice>(tape: DecisionTape, choices: readonly [Choice, ...Choice[]]): Choice =>
  choices[tape.draw(choices.length)] ?? choices[0];

const drawOrders = (tape: DecisionTape): readonly ImportOrder[] =>
  Array.from({ length: choose(tape, [1, 1, 2, 3, 5]) }, (_, index) => ({
    kind: index === 0 ? 'begin' : choose(tape, ['begin', 'begin', 'cancel'] as const),
    at: choose(tape, [0, 1, 2, 4, 8, 15, 30, 90]) * minute + tape.draw(60) * second,
    tenant: tape.draw(2),
  }));

const drawSwarm = (tape: DecisionTape): ImportSwarm => ({
  orders: drawOrders(tape),
  importers: choose(tape, [1, 2, 3]),
  keep: choose(tape, [3, 1, 2]),
  isRolledBack: choose(tape, [false, false, true]),
  exportFaultRate: choose(tape, [0, 8, 32, 96, 144]),
  exportFaults: choose<readonly ExportFault[]>(tape, [
    exportFaults,
    ['busy', 'cut', 'file-gone'],
    ['changed', 'file-gone', 'cut'],
    ['cut'],
    ['expired', 'signed-out', 'busy'],
    ['errors', 'warnings', 'empty', 'miscounted'],
    ['endless'],
  ]),
});

/** The places at which a fault hurts an import most: its record; what it stores; the manifest; its files; what it removes. */
const operationSets: readonly (readonly string[])[] = [
  [],
  ['Update'],
  ['PutObject'],
  ['Update', 'PutObject'],
  ['file', 'body'],
  ['ListObjectsV2', 'DeleteObjects', 'GetObject'],
  ['Put', 'Update', 'SendMessage', 'Query'],
];

const drawIncidents = (tape: DecisionTape): readonly Incident[] =>
  Array.from({ length: choose(tape, [0, 0, 1, 2]) }, () => ({
    kind: choose(tape, ['deploy', 'exports-down', 'replace-data', 's3-data-down', 'dispatcher-off'] as const),
    at: choose(tape, [2, 3, 5, 10, 30]) * minute + tape.draw(60) * second,
    duration: choose(tape, [20 * second, 2 * minute, 8 * minute, 25 * minute]),
    tenant: tape.draw(2),
  }));

const slowly = [1, 40, 700, 2500];

/** Settings that go together. */
const themes: readonly Partial<RunPlan>[] = [
  // Importers that stand still, or whose writes are late, while others go on, and operators begin and call off.
  { faults: ['freeze'], faultyOperations: ['Update', 'PutObject', 'GetObject'], faultRate: 48 },
  { faults: ['slow', 'slow-answer'], faultyOperations: ['PutObject', 'Update'], faultRate: 96 },
  { faults: ['crash-before', 'crash-after'], faultyOperations: [], faultRate: 32 },
  { faults: ['silence', 'answer-lost'], faultyOperations: ['PutObject', 'Update', 'DeleteObjects'], faultRate: 64 },
  // Messages that come again while their import is worked on.
  {
    queueFaultRate: 160,
    latencies: slowly,
    faults: ['freeze'],
    faultyOperations: ['status', 'file', 'body', 'GetObject'],
  },
  // Data sets that are loaded by hand while an import is about to make its own current.
  { replaceRate: 48, latencies: slowly, loaderPause: 3 },
];

/** A run's settings with imports: the roles and places of its faults, and how long they last, are drawn anew. */
export const withImports = (plan: RunPlan, tape: DecisionTape): RunPlan => {
  const swarm = drawSwarm(tape);
  const role = choose(tape, [['importer'], [...plan.faultyRoles, 'importer'], ['importer', 'operator', 'worker']]);
  const drawn: Partial<RunPlan> = {
    faultyRoles: role,
    faultyOperations: choose(tape, [plan.faultyOperations, ...operationSets]),
    faultyFor: choose(tape, [6, 20, 60, 180]) * minute,
    incidents: [...plan.incidents, ...drawIncidents(tape)],
  };
  const theme = themes[tape.draw(2 * themes.length) - themes.length];
  return { ...plan, ...drawn, ...(theme && { ...theme, faultyRoles: ['importer'] }), imports: swarm };
};
