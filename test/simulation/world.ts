import type { Ids } from '../../functions/platform/ids.ts';
import type { Logger } from '../../functions/platform/logger.ts';
import type { Generation } from './data-sets.ts';
import type { DecisionTape } from './decision-tape.ts';
import type { JobFacts } from './record-watch.ts';
import type { RunPlan } from './run-plan.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import type { InMemoryBucket } from './stores/in-memory-bucket.ts';
import type { InMemoryTable } from './stores/in-memory-table.ts';
import type { Invariant } from './violation.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a run did, in numbers. */
export interface RunCounts {
  calls: number;
  crashes: number;
  steps: number;
  /** By kind. */
  readonly faults: Record<string, number>;
  /** By what users were told of their requests: `execute 200`. */
  readonly answers: Record<string, number>;
}

/** Everything that the parts of a run share. */
export interface World {
  readonly plan: RunPlan;
  readonly tape: DecisionTape;
  readonly time: VirtualTime;
  readonly ids: Ids;
  readonly table: InMemoryTable;
  readonly content: InMemoryBucket;
  readonly data: InMemoryBucket;
  readonly queue: SimulatedQueue;
  readonly counts: RunCounts;
  readonly facts: ReadonlyMap<string, JobFacts>;
  /** Each tenant's exports, by tenant id; and from when to when each of them was, or may have been, current. */
  readonly generations: ReadonlyMap<string, readonly CurrentGeneration[]>;
  /** Nothing goes wrong any more. */
  isQuiet(): boolean;
  /** Starts a container of a function. */
  start(role: string): SimulatedProcess;
  loggerOf(process: SimulatedProcess): Logger;
  violate(invariant: Invariant, text: string): void;
  /** Lets true time pass. */
  pause(millis: number): Promise<void>;
}

/** An export and the true times between which who opens a data set may meet it. */
export interface CurrentGeneration extends Generation {
  readonly from: number;
  until: number;
}
