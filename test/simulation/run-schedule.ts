import { createRun, type Run, type RunOptions } from './create-run.ts';
import { createDecisionTape } from './decision-tape.ts';
import { checkAfterwards, checkErased, recordedJobs } from './final-checks.ts';
import { areImportsAtRest, countImports } from './imports/final-import-checks.ts';
import type { RunPlan } from './run-plan.ts';
import { orphanAge } from './simulated-functions.ts';
import { tenantIds } from './simulated-tenants.ts';
import { createUser } from './user.ts';
import { createUserMemory } from './user-memory.ts';
import type { Violation } from './violation.ts';
import type { RunCounts } from './world.ts';

/** What a run showed. */
export interface RunResult {
  readonly plan: RunPlan;
  readonly counts: RunCounts;
  /** Jobs by what became of them. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Imports by what became of them; undefined for a run without. */
  readonly imports: Readonly<Record<string, number>> | undefined;
  readonly violation: Violation | undefined;
  /** Calls of ports before the run became quiet. */
  readonly faultyCalls: number;
}

const minute = 60_000;
/** Longer than any job of the runs lives: a night, and what may go wrong in it. */
const longestQuiet = 40 * 60 * minute;
const mostSteps = 200_000;

/** Everything has ended, was swept and is out of the queue, and no write is on its way. */
const isAtRest = ({ world, fleet, isUnderWay }: Run): boolean =>
  fleet.isIdle() &&
  !isUnderWay() &&
  world.queue.isEmpty() &&
  !world.table.isLagging() &&
  [...world.table.items.values()].every(({ openShard }) => openShard === undefined) &&
  areImportsAtRest(world);

const playOut = async (run: Run, isOver: () => boolean): Promise<void> => {
  const { world } = run;
  await run.settle();
  while (!isOver() && run.violation() === undefined) {
    world.counts.steps += 1;
    if (world.counts.steps > mostSteps) return world.violate('I8', 'it never comes to an end');
    if (!world.time.step()) return;
    await run.settle();
  }
};

/** Some days later the cleaner removes what is left over. */
const cleanUp = async (run: Run): Promise<void> => {
  const { world, fleet } = run;
  if (run.violation() !== undefined) return;
  let isClean = false;
  fleet.stopTicks();
  world.time.at(
    world.time.now() + orphanAge + 60 * minute,
    () =>
      void fleet.clean().then(() => {
        isClean = true;
      }),
  );
  await playOut(run, () => isClean);
};

const createUsers = ({ world, fleet }: Run) => {
  const memories = world.plan.users.map(({ tenant, user }) =>
    createUserMemory(tenantIds[tenant] ?? 'north', `user${user}`),
  );
  return memories.flatMap((memory, at) =>
    Array.from({ length: world.plan.users[at]?.tabs ?? 1 }, (_, tab) => ({
      isFirstTab: tab === 0,
      ...createUser({ world, fleet, memory, others: memories }),
    })),
  );
};

const countOutcomes = (run: Run): Record<string, number> => {
  const outcomes: Record<string, number> = {};
  for (const { status, deletedAt } of recordedJobs(run.world)) {
    const name = deletedAt === undefined ? status : `${status}, deleted`;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  return outcomes;
};

const playSchedule = async (decisions: readonly number[], options: RunOptions): Promise<RunResult> => {
  const run = createRun(createDecisionTape(decisions), options);
  const { world, fleet } = run;
  const users = createUsers(run);
  let busy = users.length;
  fleet.begin();
  for (const user of users)
    void user.act().then(() => {
      busy -= 1;
    });
  const faultyUntil = world.plan.start + world.plan.faultyFor;
  await playOut(run, () => busy === 0 && (world.time.now() >= faultyUntil || isAtRest(run)));
  run.beQuiet();
  const faultyCalls = world.counts.calls;
  const latest = world.time.now() + longestQuiet;
  await playOut(run, () => isAtRest(run) || world.time.now() > latest);
  if (run.violation() === undefined && !isAtRest(run)) world.violate('I1', 'something is still open');
  if (run.violation() === undefined) checkErased(world);
  await cleanUp(run);
  busy = users.length;
  for (const user of users)
    void (user.isFirstTab ? user.lookAtAll() : Promise.resolve()).then(() => {
      busy -= 1;
    });
  await playOut(run, () => busy === 0);
  if (run.violation() === undefined)
    checkAfterwards(world, {
      ...run.trail,
      ticks: fleet.ticks(),
      importTicks: fleet.importers.ticks(),
    });
  return {
    plan: world.plan,
    counts: world.counts,
    outcomes: countOutcomes(run),
    imports: world.plan.imports === undefined ? undefined : countImports(world),
    violation: run.violation(),
    faultyCalls,
  };
};

/**
 * One schedule: users, workers and dispatchers at work while what the tape decides goes wrong; then nothing goes wrong any more, and
 * what is left is worked off; then everything is looked at. The same tape gives the same run.
 */
export const runSchedule = async (decisions: readonly number[], options: RunOptions = {}): Promise<RunResult> => {
  // Most errors of a run are its faults; what their stacks cost is a tenth of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await playSchedule(decisions, options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};
