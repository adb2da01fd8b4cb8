import type { Ids } from '../../functions/platform/ids.ts';
import type { Logger } from '../../functions/platform/logger.ts';
import type { Generation } from './data-sets.ts';
import type { DecisionTape } from './decision-tape.ts';
import type { SimulatedExportServer } from './imports/export-server.ts';
import type { ImportFacts } from './imports/import-watch.ts';
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

/** What there is of imports; in a run without them, nothing comes into it. */
export interface ImportWorld {
  readonly table: InMemoryTable;
  readonly queue: SimulatedQueue;
  /** Each tenant's FHIR server, by tenant id. */
  readonly servers: ReadonlyMap<string, SimulatedExportServer>;
  /** By the import's id. */
  readonly facts: ReadonlyMap<string, ImportFacts>;
  /** Whose request is applied now. */
  acts(process: SimulatedProcess): void;
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
  readonly imports: ImportWorld;
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
  /** Its files as an import has stored them; without, it was loaded by hand. */
  readonly files?: readonly { readonly name: string; readonly sha256: string }[];
}
