import { createLogger } from '../../functions/platform/logger.ts';
import { registryOf } from '../support/sample-tenant.ts';
import { damageSummaries } from './damage-summaries.ts';
import { createDataLoader } from './data-loader.ts';
import type { DecisionTape } from './decision-tape.ts';
import { calm, type Fates, type PortCall } from './fate.ts';
import { createFleet } from './fleet.ts';
import { createImportWorld, type ImportWorldParts } from './imports/create-import-world.ts';
import { putEarlierImports } from './imports/earlier-imports.ts';
import { createIncidents } from './incidents.ts';
import { reportQueueRules } from './queue-rules.ts';
import { createContentWatch, createRecordWatch } from './record-watch.ts';
import { drawPlan, type RunPlan } from './run-plan.ts';
import { settleProcesses } from './settle-processes.ts';
import { settings } from './simulated-functions.ts';
import { createSimulatedIds } from './simulated-ids.ts';
import { type SimulatedProcess, startProcess } from './simulated-process.ts';
import { createSimulatedQueue } from './simulated-queue.ts';
import { serveTenants, simulatedVerifier, tenantIds } from './simulated-tenants.ts';
import { createInMemoryBucket } from './stores/in-memory-bucket.ts';
import { createInMemoryTable } from './stores/in-memory-table.ts';
import { readTableSchema } from './stores/table-schema.ts';
import { createTapeFates } from './tape-fates.ts';
import type { Variant } from './variant.ts';
import { type Invariant, Violation } from './violation.ts';
import { createVirtualTime } from './virtual-time.ts';
import type { RunCounts, World } from './world.ts';

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

const schema = await readTableSchema('JobsTable');

const second = 1000;
/** How far apart any two clocks of a run may be, in milliseconds. */
const clockSpreadOf = ({ clockOffsets, faults, faultRate }: RunPlan): number =>
  faultRate > 0 && faults.includes('clock-jump') ? 90 * second : Math.max(...clockOffsets) - Math.min(...clockOffsets);

/** Everything that one run is made of. */
export const createRun = (
  tape: DecisionTape,
  { variant = {}, plan: given, fates: givenFates, log, trace }: RunOptions,
) => {
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
  /** As far as it keeps importers from their part. */
  let importsDisturbed = 0;
  const violate = (invariant: Invariant, text: string): void => {
    violation ??= new Violation(invariant, text);
  };
  const count = (kind: string): void => {
    counts.faults[kind] = (counts.faults[kind] ?? 0) + 1;
  };
  const disturb = (until: number): void => {
    disturbed = Math.max(disturbed, until);
    importsDisturbed = Math.max(importsDisturbed, until);
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
  const hasImports = plan.imports !== undefined;
  const served = serveTenants(plan);
  let changed: ImportWorldParts['changed'];
  const data = createInMemoryBucket({
    now: time.now,
    changed: (...change) => changed?.(...change),
  });
  const loader = createDataLoader({
    time,
    bucket: data,
    tenants: tenantIds,
    isExact: plan.hasExactManifests,
    pause: plan.loaderPause,
    ...(hasImports && {
      putEarlier: (tenant: string) => putEarlierImports(data, tenant, plan.start, plan.imports?.isRolledBack === true),
    }),
  });
  const queue = createSimulatedQueue({
    time,
    tape,
    faultRate: plan.queueFaultRate,
    isQuiet: () => isQuiet,
    count,
    wake: () => fleet.wake(),
    rules: reportQueueRules,
  });
  const imports = createImportWorld({
    plan,
    tape,
    time,
    data,
    generations: loader.generations,
    lag,
    clockSpread: clockSpreadOf(plan),
    disturbedUntil: () => importsDisturbed,
    isQuiet: () => isQuiet,
    count,
    violate,
    wake: () => fleet.importers.wake(),
  });
  changed = imports.changed;
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
    const over = time.now() + fate.before + fate.after + (fate.freeze ?? 0);
    if (call.role === 'dispatcher' && !isHarmless) disturb(over);
    if (call.role === 'importer' && !isHarmless) importsDisturbed = Math.max(importsDisturbed, over);
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
    imports: imports.world,
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
    tenants: registryOf(...served),
    served,
    verifier: simulatedVerifier,
    isDispatcherOff: () => incidents.isDown('ticks'),
  });
  const trail = { logLines, maxAttempts };
  return {
    world,
    fleet,
    trail,
    violation: () => violation,
    isUnderWay: () => underWay > 0 || fleet.importers.orders() > 0,
    settle: () => settleProcesses(processes, (text) => violate('I1', text)),
    beQuiet(): void {
      isQuiet = true;
      incidents.callOff();
      disturb(time.now());
      for (const one of processes) one.recover();
    },
  };
};

/** One run. */
export type Run = ReturnType<typeof createRun>;
