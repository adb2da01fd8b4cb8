import type { DecisionTape } from '../decision-tape.ts';
import { importQueueRules } from '../queue-rules.ts';
import type { RunPlan } from '../run-plan.ts';
import { createSimulatedQueue } from '../simulated-queue.ts';
import type { BucketSurroundings, InMemoryBucket } from '../stores/in-memory-bucket.ts';
import { createInMemoryTable } from '../stores/in-memory-table.ts';
import { readTableSchema } from '../stores/table-schema.ts';
import type { Invariant } from '../violation.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { CurrentGeneration, ImportWorld } from '../world.ts';
import { createDataSetWatch } from './data-set-watch.ts';
import { createExportServer } from './export-server.ts';
import { createImportWatch } from './import-watch.ts';
import { importSettings } from './simulated-importer.ts';

/** What surrounds the imports of a run. */
export interface ImportSurroundings {
  readonly plan: RunPlan;
  readonly tape: DecisionTape;
  readonly time: VirtualTime;
  readonly data: InMemoryBucket;
  /** Each tenant's exports that are or were current; what imports make current is added. */
  readonly generations: ReadonlyMap<string, CurrentGeneration[]>;
  readonly clockSpread: number;
  lag(): number;
  /** Until when importers or the table could not do their part. */
  disturbedUntil(): number;
  isQuiet(): boolean;
  count(kind: string): void;
  violate(invariant: Invariant, text: string): void;
  /** Has importers look at their queue. */
  wake(): void;
}

/** The imports of a run, and who looks at the changes in the data bucket; in a run without imports nobody does. */
export interface ImportWorldParts {
  readonly world: ImportWorld;
  readonly changed: BucketSurroundings['changed'];
}

const schema = await readTableSchema('ImportsTable');

/** Table, queue and servers of a run's imports, and the watches over them. */
export const createImportWorld = (surroundings: ImportSurroundings): ImportWorldParts => {
  const { plan, tape, time, data, generations, clockSpread, lag, isQuiet, count, violate, wake } = surroundings;
  const { now } = time;
  const { maxAttempts, grace } = importSettings[plan.settings];
  const swarm = plan.imports;
  const servers = new Map(
    swarm === undefined
      ? []
      : [...generations.keys()].map((tenant) => [
          tenant,
          createExportServer({ tenant, tape, swarm, now, isQuiet, count }),
        ]),
  );
  const { disturbedUntil } = surroundings;
  const watch = createImportWatch({ now, data, maxAttempts, clockSpread, disturbedUntil, violate });
  const importOf = (importId: string) => watch.facts.get(importId);
  const read = (key: string) => data.objects.get(key);
  const dataSets = createDataSetWatch({ now, servers, generations, importOf, read, grace, clockSpread, violate });
  return {
    world: {
      table: createInMemoryTable(schema, { now, lag, written: watch.written }),
      queue: createSimulatedQueue({
        time,
        tape,
        faultRate: plan.queueFaultRate,
        isQuiet,
        count,
        wake,
        rules: importQueueRules,
      }),
      servers,
      facts: watch.facts,
      acts: watch.acts,
    },
    changed: swarm === undefined ? undefined : dataSets.changed,
  };
};
