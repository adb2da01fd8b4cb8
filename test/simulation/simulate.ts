import { existsSync, readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { readArguments, runCommand, UsageError } from '../../local/command-line.ts';
import { readWholeOption } from '../../local/number-option.ts';
import { createDecisionTape, readTape } from './decision-tape.ts';
import { findSeededBug, type Hunt } from './find-seeded-bug.ts';
import { type BatchResult, runBatch } from './run-batch.ts';
import { drawPlan } from './run-plan.ts';
import { runSchedule } from './run-schedule.ts';
import { seededBugs } from './seeded-bugs/all-seeded-bugs.ts';
import { addTally, emptyTally, type Tally } from './tally.ts';

const usage = `npm run simulate -- [--runs 1000] [--seed 1] [--imports] [--bug <part of a name>]
       npm run simulate -- --seeded [--runs 600] [--seed 1]
       npm run simulate -- --tape <hex or file> [--bug <part of a name>]

Runs the service against the simulated world (docs/simulation.md). Exit code 1 when an invariant is violated.
  --runs N   schedules, 1 to 100 million
  --seed N   which ones, 0 to 2147483647
  --imports  all of them with imports
  --bug      over a service with that seeded bug
  --seeded   how many schedules find each seeded bug; exit code 1 when one is not found
  --tape     one run again, with its plan, every call and every log line`;

const write = (line = ''): void => void process.stdout.write(`${line}\n`);

/** Both cores of a small machine. */
const threads = 2;
/** Schedules that a thread runs in one go. */
const portion = 2000;

/** What a thread is given to do. */
type Task =
  | {
      readonly kind: 'batch';
      readonly runs: number;
      readonly seed: number;
      readonly bug: number | undefined;
      readonly isOfImports: boolean;
    }
  | { readonly kind: 'hunt'; readonly bug: number; readonly runs: number; readonly seed: number };

const perform = async (task: Task): Promise<unknown> => {
  const bug = task.bug === undefined ? undefined : seededBugs[task.bug];
  if (task.kind === 'batch') return runBatch(task.runs, task.seed, bug?.variant, task.isOfImports);
  if (bug === undefined) throw new TypeError('no such bug');
  const { runs, violations } = await findSeededBug(bug, task.runs, task.seed);
  return { runs, violations: violations.map(({ invariant, message }) => ({ invariant, message })) };
};

/** Gives tasks to threads, one after the other; stops where `isDone` says so. */
const spread = async <Result>(tasks: readonly Task[], take: (result: Result, task: Task) => boolean): Promise<void> => {
  const waiting = [...tasks];
  let isOver = false;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL(import.meta.url), { workerData: 'simulate' });
    let settle: { resolve: (result: Result) => void; reject: (error: Error) => void } | undefined;
    worker.on('message', (result: Result) => settle?.resolve(result));
    worker.on('error', (error: Error) => settle?.reject(error));
    for (let task = waiting.shift(); task !== undefined && !isOver; task = waiting.shift()) {
      const given = task;
      const result = await new Promise<Result>((resolve, reject) => {
        settle = { resolve, reject };
        worker.postMessage(given);
      });
      isOver ||= take(result, given);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work));
};

const describeCounts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

const report = (tally: Tally, seed: number, seconds: number): void => {
  write(`seed            ${seed}`);
  write(`schedules       ${tally.runs} in ${seconds.toFixed(1)} s (${Math.round(tally.runs / seconds)} a second)`);
  write(`port calls      ${tally.calls}`);
  write(`steps           ${tally.steps}`);
  write(`crashes         ${tally.crashes}`);
  write(`faults          ${describeCounts(tally.faults)}`);
  write(`with imports    ${tally.importRuns}: ${describeCounts(tally.imports)}`);
  write(`jobs            ${describeCounts(tally.outcomes)}`);
  write(`answers         ${describeCounts(tally.answers)}`);
};

const simulate = async (
  runs: number,
  seed: number,
  bug: number | undefined,
  isOfImports: boolean,
): Promise<boolean> => {
  const begun = performance.now();
  const tally = emptyTally();
  let failure: BatchResult['failure'];
  const count = Math.ceil(runs / portion);
  const tasks = Array.from({ length: count }, (_, at) => ({
    kind: 'batch' as const,
    runs: Math.min(portion, runs - at * portion),
    seed: seed + at,
    bug,
    isOfImports,
  }));
  await spread<BatchResult>(tasks, (result) => {
    addTally(tally, result.tally);
    failure ??= result.failure;
    return failure !== undefined;
  });
  report(tally, seed, (performance.now() - begun) / 1000);
  if (failure === undefined) return tally.runs === runs;
  write(`\nviolated        ${failure.violation}`);
  write(`shrunk          to ${failure.tape.length / 2} decisions, in ${failure.shrinks} runs`);
  const of = bug === undefined ? '' : ` --bug "${seededBugs[bug]?.name}"`;
  write(`\nreplay it:      npm run simulate -- --tape ${failure.tape || '00'}${of}`);
  write(`keep it:        test/simulation/tapes/<what-was-wrong>.json with {"why": "…", "tape": "${failure.tape}"}`);
  return false;
};

const readDecisions = (given: string): readonly number[] => {
  try {
    return readTape(existsSync(given) ? (JSON.parse(readFileSync(given, 'utf8')) as { tape: string }).tape : given);
  } catch {
    throw new UsageError('--tape has to be pairs of hex digits, or a file like those in test/simulation/tapes');
  }
};

const replay = async (given: string, bug: number | undefined): Promise<boolean> => {
  const decisions = readDecisions(given);
  write(JSON.stringify(drawPlan(createDecisionTape(decisions)), undefined, 1));
  const result = await runSchedule(decisions, {
    log: write,
    trace: write,
    variant: (bug === undefined ? undefined : seededBugs[bug])?.variant ?? {},
  });
  write(JSON.stringify({ ...result.counts, outcomes: result.outcomes }, undefined, 1));
  write(`\nviolated        ${result.violation?.message ?? 'nothing'}`);
  return result.violation === undefined;
};

const huntSeededBugs = async (runs: number, seed: number): Promise<boolean> => {
  const tasks = seededBugs.map((_, bug) => ({ kind: 'hunt' as const, bug, runs, seed }));
  let found = 0;
  await spread<Hunt>(tasks, ({ violations }, task) => {
    const name = task.kind === 'hunt' ? seededBugs[task.bug]?.name : '';
    const at: Record<string, number> = {};
    for (const { invariant } of violations) at[invariant] = (at[invariant] ?? 0) + 1;
    if (violations.length > 0) found += 1;
    write(`${String(violations.length).padStart(5)} of ${runs}  ${name}  (${describeCounts(at) || 'NOT FOUND'})`);
    return false;
  });
  write(`\n${found} of ${seededBugs.length} seeded bugs were found`);
  return found === seededBugs.length;
};

const main = async (): Promise<boolean> => {
  const { values } = readArguments({
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    tape: { type: 'string' },
    imports: { type: 'boolean', default: false },
    seeded: { type: 'boolean', default: false },
    bug: { type: 'string' },
  });
  const seed = readWholeOption('seed', values.seed, 0, 2 ** 31 - 1);
  const runs = readWholeOption('runs', values.runs ?? (values.seeded ? '600' : '1000'), 1, 100_000_000);
  const { bug: named } = values;
  const found = named === undefined ? undefined : seededBugs.findIndex(({ name }) => name.includes(named));
  if (found === -1) throw new UsageError(`No seeded bug is called ${named}`);
  if (values.tape !== undefined) return replay(values.tape, found);
  return values.seeded ? huntSeededBugs(runs, seed) : simulate(runs, seed, found, values.imports);
};

if (isMainThread) {
  await runCommand(usage, async () => {
    if (!(await main())) process.exitCode = 1;
  });
} else if (workerData === 'simulate') {
  parentPort?.on('message', async (task: Task) => parentPort?.postMessage(await perform(task)));
}
