import type { Caller } from '../../functions/auth/caller.ts';
import { restoreTenantId, type Tenant } from '../../functions/auth/tenant.ts';
import type { TokenVerifier } from '../../functions/auth/verify-token.ts';
import { createLogger } from '../../functions/platform/logger.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';
import { damageSummaries } from './damage-summaries.ts';
import { createDataLoader } from './data-loader.ts';
import { createDecisionTape, type DecisionTape } from './decision-tape.ts';
import { calm, type Fates, type PortCall } from './fate.ts';
import { checkAfterwards, checkErased, recordedJobs } from './final-checks.ts';
import { createFleet } from './fleet.ts';
import { createIncidents } from './incidents.ts';
import { createContentWatch, createRecordWatch } from './record-watch.ts';
import { drawPlan, type RunPlan } from './run-plan.ts';
import { orphanAge, settings } from './simulated-functions.ts';
import { createSimulatedIds } from './simulated-ids.ts';
import { type SimulatedProcess, startProcess } from './simulated-process.ts';
import { createSimulatedQueue } from './simulated-queue.ts';
import { createInMemoryBucket } from './stores/in-memory-bucket.ts';
import { createInMemoryTable } from './stores/in-memory-table.ts';
import { readTableSchema } from './stores/table-schema.ts';
import { createTapeFates } from './tape-fates.ts';
import { createUser, plantedToken } from './user.ts';
import { createUserMemory } from './user-memory.ts';
import type { Variant } from './variant.ts';
import { type Invariant, Violation } from './violation.ts';
import { createVirtualTime } from './virtual-time.ts';
import type { RunCounts, World } from './world.ts';

/** What a run showed. */
export interface RunResult {
  readonly plan: RunPlan;
  readonly counts: RunCounts;
  /** Jobs by what became of them. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violation: Violation | undefined;
  /** Calls of ports before the run became quiet. */
  readonly faultyCalls: number;
}

/** How a run is to be. */
export interface RunOptions {
  readonly variant?: Variant;
  /** In place of what the tape draws. */
  readonly plan?: Partial<RunPlan>;
  /** In place of what the tape draws. */
  readonly fates?: Fates;
  /** Takes every log line. */
  readonly log?: (line: string) => void;
  /** Takes a line for each call of a port. */
  readonly trace?: (line: string) => void;
}

const tenantIds = ['north', 'south'] as const;

const tenants: readonly Tenant[] = tenantIds.map((id) =>
  sampleTenant({ id: restoreTenantId(id), issuer: `https://issuer.example/realms/${id}` }),
);

const roles = new Set(['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read']);

/** Knows the tokens that the simulated users send. What makes a token good is tested elsewhere. */
const verifier: TokenVerifier = {
  async verify(authorization) {
    const [tenantId, userId = ''] = (authorization ?? '').slice(`${plantedToken}-`.length).split('-');
    const tenant = tenants.find(({ id }) => id === tenantId);
    if (tenant === undefined) throw new ServiceError('SECURITY_TOKEN_INVALID', { challenge: 'none' });
    return { tenant, userId, userType: 'PRACTITIONER', roles } satisfies Caller;
  },
};

const schema = await readTableSchema('JobsTable');
const registry = registryOf(...tenants);

const second = 1000;
const minute = 60 * second;
/** Longer than any job of the runs lives: a night, and what may go wrong in it. */
const longestQuiet = 40 * 60 * minute;
const mostSteps = 200_000;

/** Lets everything go on that waits for nothing. Reading a report takes turns of the real event loop. */
const settle = async (processes: ReadonlySet<SimulatedProcess>, violate: (text: string) => void): Promise<void> => {
  for (let turn = 0; ; turn += 1) {
    await new Promise<void>((resolve) => (turn < 3 ? process.nextTick(resolve) : setImmediate(resolve)));
    let isRunning = false;
    for (const one of processes) isRunning ||= one.isRunning;
    if (!isRunning) return;
    if (turn > 1000) return violate('a function waits for something that never comes');
  }
};

/** How far apart any two clocks of a run may be, in milliseconds. */
const clockSpreadOf = ({ clockOffsets, faults, faultRate }: RunPlan): number =>
  faultRate > 0 && faults.includes('clock-jump') ? 90 * second : Math.max(...clockOffsets) - Math.min(...clockOffsets);

const createRun = (tape: DecisionTape, { variant = {}, plan: given, fates: givenFates, log, trace }: RunOptions) => {
  const plan = { ...drawPlan(tape), ...given };
  const { maxAttempts, deadlineMargin } = settings[plan.settings].worker;
  const time = createVirtualTime(plan.start);
  const ids = createSimulatedIds();
  const counts: RunCounts = { calls: 0, crashes: 0, steps: 0, faults: {}, answers: {} };
  const processes = new Set<SimulatedProcess>();
  const logLines: string[] = [];
  let violation: Violation | undefined;
  let isQuiet = false;
  /** Calls, and an operator's plans. */
  let underWay = 0;
  let disturbed = 0;
  const violate = (invariant: Invariant, text: string): void => {
    violation ??= new Violation(invariant, text);
  };
  const count = (kind: string): void => {
    counts.faults[kind] = (counts.faults[kind] ?? 0) + 1;
  };
  const disturb = (until: number): void => {
    disturbed = Math.max(disturbed, until);
  };
  const lag = (): number => {
    if (isQuiet || plan.lags.length < 2) return 0;
    const millis = plan.lags[tape.draw(plan.lags.length)] ?? 0;
    if (millis > 30 * second) disturb(time.now() + millis);
    return millis;
  };
  const content = createInMemoryBucket({
    now: time.now,
    changed: createContentWatch(() => table.items, violate),
  });
  const watch = createRecordWatch({
    now: time.now,
    content,
    maxAttempts,
    deadlineMargin,
    clockSpread: clockSpreadOf(plan),
    disturbedUntil: () => disturbed,
    violate,
    failed(job) {
      if (isQuiet || !tape.chance(plan.reopenRate)) return;
      count('reopening');
      underWay += 1;
      time.at(time.now() + (1 + tape.draw(60)) * second, () => {
        underWay -= 1;
        fleet.reopen(job);
      });
    },
  });
  const table = createInMemoryTable(schema, { now: time.now, lag, written: watch.written });
  const data = createInMemoryBucket({ now: time.now });
  const loader = createDataLoader({
    time,
    bucket: data,
    tenants: tenantIds,
    isExact: plan.hasExactManifests,
    pause: plan.loaderPause,
  });
  const queue = createSimulatedQueue({
    time,
    tape,
    faultRate: plan.queueFaultRate,
    isQuiet: () => isQuiet,
    count,
    wake: () => fleet.wake(),
  });
  const incidents = createIncidents({
    time,
    incidents: plan.incidents,
    count,
    disturb,
    deploy: () => fleet.deploy(),
    replaceData: (tenant, isSpoilt) => loader.replace(tenantIds[tenant] ?? 'north', isSpoilt),
    damageSummaries: (tenant) => damageSummaries(content, tenantIds[tenant] ?? 'north'),
  });
  const fates =
    givenFates ??
    createTapeFates({ tape, plan, now: time.now, isDown: incidents.isDown, isRefused: incidents.isRefused, count });
  const replaceWhileRead = (): void => {
    if (isQuiet || plan.replaceRate === 0 || !tape.chance(plan.replaceRate)) return;
    count('replace-data');
    loader.replace(tenantIds[tape.draw(2)] ?? 'north', false);
  };
  const fateOf = (call: Omit<PortCall, 'index'>) => {
    counts.calls += 1;
    if (call.service === 's3-data' && call.operation === 'GetObject') replaceWhileRead();
    const fate = isQuiet ? calm : fates.of({ index: counts.calls, ...call });
    trace?.(
      `${new Date(time.now()).toISOString()} ${counts.calls} ${call.role} ${call.service} ${call.operation} ${JSON.stringify(fate)}`,
    );
    const isHarmless = fate.end === 'answered' && fate.before + fate.after < 3 * second && fate.freeze === undefined;
    if (call.role === 'dispatcher' && !isHarmless) disturb(time.now() + fate.before + fate.after + (fate.freeze ?? 0));
    return fate;
  };
  const world: World = {
    plan,
    tape,
    time,
    ids,
    table,
    content,
    data,
    queue,
    counts,
    violate,
    facts: watch.facts,
    generations: loader.generations,
    isQuiet: () => isQuiet,
    start(role) {
      const offset = isQuiet ? 0 : (plan.clockOffsets[tape.draw(plan.clockOffsets.length)] ?? 0);
      const started = startProcess(role, offset, {
        time,
        ids,
        fateOf,
        underWay(change) {
          underWay += change;
        },
        crashed(dead) {
          counts.crashes += 1;
          processes.delete(dead);
        },
      });
      processes.add(started);
      return started;
    },
    loggerOf: (one) =>
      createLogger(one.clock, (line) => {
        logLines.push(line);
        log?.(line);
      }),
    pause: (millis) => new Promise((resolve) => void time.at(time.now() + Math.max(1, Math.round(millis)), resolve)),
  };
  const fleet = createFleet({
    world,
    variant,
    tenants: registry,
    verifier,
    isDispatcherOff: () => incidents.isDown('ticks'),
  });
  const trail = { logLines, maxAttempts };
  return {
    world,
    fleet,
    trail,
    violation: () => violation,
    isUnderWay: () => underWay > 0,
    settle: () => settle(processes, (text) => violate('I1', text)),
    beQuiet(): void {
      isQuiet = true;
      incidents.callOff();
      disturb(time.now());
      for (const one of processes) one.recover();
    },
  };
};

type Run = ReturnType<typeof createRun>;

/** Everything has ended, was swept and is out of the queue, and no write is on its way. */
const isAtRest = ({ world, fleet, isUnderWay }: Run): boolean =>
  fleet.isIdle() &&
  !isUnderWay() &&
  world.queue.isEmpty() &&
  !world.table.isLagging() &&
  [...world.table.items.values()].every(({ openShard }) => openShard === undefined);

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
  if (run.violation() === undefined) checkAfterwards(world, { ...run.trail, ticks: fleet.ticks() });
  return {
    plan: world.plan,
    counts: world.counts,
    outcomes: countOutcomes(run),
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
