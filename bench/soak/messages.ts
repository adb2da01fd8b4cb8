import type { Embedded } from '../../local/start-embedded.ts';
import type { Endpoints } from '../../local/start-emulators.ts';

/** What the process with the emulators says once they listen. */
export interface StoresReady {
  readonly endpoints: Endpoints;
}

/** What the process with the api is to know. */
export interface ApiTask {
  /** Users that get a token, by tenant. */
  readonly users: Readonly<Record<string, readonly string[]>>;
}

/** What the process with the api says once it answers. */
export interface ApiReady {
  readonly kind: 'ready';
  readonly baseUrl: string;
  readonly resources: Embedded['resources'];
  /** The settings of the worker. */
  readonly workerEnvironment: Readonly<Record<string, string>>;
  /** By user, for each tenant. */
  readonly tokens: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The memory of the process with the api, in bytes, right after a garbage collection. */
export interface MemorySample {
  readonly kind: 'memory';
  readonly second: number;
  readonly rss: number;
  readonly heap: number;
}
