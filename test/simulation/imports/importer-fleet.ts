import type { SQSEvent } from 'aws-lambda';
import type { ImporterHandler } from '../../../functions/importer/create-importer-handler.ts';
import { isOfNight, isTimeForImport, planNightlyImport } from '../../../functions/imports/nightly-import.ts';
import { ServiceError } from '../../../functions/platform/service-error.ts';
import { createPool } from '../container-pool.ts';
import type { FleetParts } from '../fleet.ts';
import { lambdaContext } from '../simulated-functions.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import type { ImportOrder } from './import-swarm.ts';
import type { ImportRecord } from './import-watch.ts';
import { createImporter, orderImport } from './simulated-importer.ts';

const second = 1000;
const minute = 60 * second;
/** As infra/functions/importer.yml has it. */
const timeout = 300 * second;
/** The furthest that a clock is ahead, so that no tick is left out that would find something. */
const ahead = 45 * second;

/** The importers, their ticks and the operators who begin imports. */
export const createImporterFleet = ({ world, variant, tenants, served, isDispatcherOff }: FleetParts) => {
  const { time, plan, imports } = world;
  let ticks = 0;
  let isStopped = plan.imports === undefined;
  let orders = plan.imports?.orders.length ?? 0;

  const pool = createPool<ImporterHandler>(() => {
    const process = world.start('importer');
    return { process, handle: createImporter(process, world, variant, tenants), isBusy: false };
  });

  /** Has an importer look at an event; `over` is called when it is done, or has died. */
  const invoke = (event: unknown, over: (isDone: boolean) => void): SimulatedProcess => {
    const container = pool.take();
    const { process, handle } = container;
    let isOver = false;
    let isDone = false;
    const end = (): void => {
      isOver = true;
      container.isBusy = false;
      over(isDone);
    };
    process.run(
      async () => {
        const answer = await handle(event, lambdaContext(time.now, timeout));
        isDone = (answer?.batchItemFailures.length ?? 0) === 0;
      },
      (error) => {
        if (error !== undefined && !(error instanceof ServiceError))
          world.violate('contract', `the importer rejected: ${error}`);
        end();
      },
    );
    time.at(time.now() + timeout, () => {
      if (isOver) return;
      process.crash();
      end();
    });
    return process;
  };

  const atWork = new Set<SimulatedProcess>();
  const wake = (): void => {
    for (const process of atWork) if (!process.isAlive) atWork.delete(process);
    while (atWork.size < (plan.imports?.importers ?? 0)) {
      const message = imports.queue.receive();
      if (message === undefined) return;
      const event = { Records: [{ messageId: message.id, body: message.body }] } as unknown as SQSEvent;
      const process = invoke(event, (isDone) => {
        atWork.delete(process);
        if (isDone) imports.queue.acknowledge(message);
        wake();
      });
      atWork.add(process);
    }
  };

  /** A tick that would find nothing is left out: it would only ask. */
  const isAnythingDue = (): boolean => {
    const now = time.now() + ahead;
    const latest = new Date(now).toISOString();
    const records = [...imports.table.items.values()] as unknown as readonly ImportRecord[];
    if (imports.table.isLagging() || records.some(({ due }) => due !== undefined && due <= latest)) return true;
    return served.some((tenant) => {
      const night = planNightlyImport(now, tenant);
      const begun = records.find((record) => record.tenant === tenant.id)?.begun;
      return (
        isTimeForImport(now, night) && !isOfNight(begun === undefined ? undefined : { begun: Date.parse(begun) }, night)
      );
    });
  };

  const tick = (): void => {
    if (isStopped) return;
    time.at(time.now() + minute, tick);
    if (isDispatcherOff() || !isAnythingDue()) return;
    ticks += 1;
    invoke({}, () => {});
  };

  const operators = new Set<SimulatedProcess>();
  const obey = (order: ImportOrder): void => {
    orders -= 1;
    const tenant = served[order.tenant];
    if (tenant === undefined) return;
    const process = world.start('operator');
    operators.add(process);
    process.run(
      () => orderImport(process, world, variant, tenant, order.kind),
      (error) => {
        operators.delete(process);
        if (error !== undefined && !(error instanceof ServiceError))
          world.violate('contract', `the operator's command rejected: ${error}`);
      },
    );
  };

  return {
    pool,
    wake,
    begin(): void {
      tick();
      for (const order of plan.imports?.orders ?? []) time.at(plan.start + order.at, () => obey(order));
    },
    stop(): void {
      isStopped = true;
    },
    ticks: () => ticks,
    /** Orders that are still to come, or under way. */
    orders: () => orders + [...operators].filter(({ isAlive }) => isAlive).length,
  };
};

/** The importers of a run. */
export type ImporterFleet = ReturnType<typeof createImporterFleet>;
