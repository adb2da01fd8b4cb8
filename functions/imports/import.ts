import type { TenantId } from '../auth/tenant.ts';
import type { ImportProblem } from './import-problem.ts';

/**
 * Where an import stands. `KICK_OFF`: the export is to be ordered. `POLLING`: the server makes it. `FILES`: its files are read and stored.
 * `FINISHING`: all is stored and is to be made the data set. The last three are final.
 */
export type ImportState = 'KICK_OFF' | 'POLLING' | 'FILES' | 'FINISHING' | 'DONE' | 'FAILED' | 'CANCELLED';

/** Whether each state is final. */
const isFinal: Readonly<Record<ImportState, boolean>> = {
  KICK_OFF: false,
  POLLING: false,
  FILES: false,
  FINISHING: false,
  DONE: true,
  FAILED: true,
  CANCELLED: true,
};

/** The right to work on an import. Its holder's next write is applied only while nobody else has written. */
export interface ImportLease {
  /** A new UUID each time. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** A stored stretch of the export: whole lines, gzip, one object. */
export interface Segment {
  /** Key relative to the tenant's prefix. */
  readonly name: string;
  /** Stored bytes, and their SHA-256 in lower-case hex. */
  readonly bytes: number;
  readonly sha256: string;
  /** Lines that are not empty, and bytes after unpacking. */
  readonly count: number;
  readonly plainBytes: number;
}

/** A stretch of the file that is being read, so that what comes again can be known as the same. */
export interface Stretch {
  readonly bytes: number;
  /** SHA-256 in lower-case hex. */
  readonly sha256: string;
}

/** How far the export's files are read. All of it is stored. */
export interface Cursor {
  /** Index in the plan. */
  readonly file: number;
  /** Plain bytes of that file that are stored: whole lines. */
  readonly offset: number;
  /** Its lines so far. */
  readonly lines: number;
  /** Its stretches so far; together they have `offset` bytes. */
  readonly stretches: readonly Stretch[];
  /** A strong validator of the file (`ETag`), where the server can give a part of it. All stretches are of what bears it. */
  readonly validator?: string;
  /**
   * In place of `validator` while what is stored is still to be compared with the file as it is now: its validator, and how many of the
   * stretches were found the same.
   */
  readonly compared?: { readonly validator: string; readonly stretches: number };
}

/** What the export's manifest promised, in short; the whole is an object in the data bucket. */
export interface PlanSummary {
  /** Key relative to the tenant's prefix. */
  readonly name: string;
  /** A FHIR instant, as the server gave it. */
  readonly transactionTime: string;
  readonly files: number;
  /** Tells the files and their order, whatever links they have ({@link digestFiles}). Absent in items of versions before it was kept. */
  readonly digest?: string;
  /** Segments that were stored when its manifest was asked for. Absent in items of versions before it was kept: none. */
  readonly storedBefore?: number;
  /** Entries of the export's `error[]` that were read and found harmless. */
  readonly warnings: number;
}

/** An earlier import of the tenant. */
export interface ImportSummary {
  readonly importId: string;
  readonly state: ImportState;
  readonly begun: number;
  readonly ended: number;
  readonly transactionTime?: string;
  readonly failure?: ImportProblem;
}

/** The latest import of a tenant: one item. Times are milliseconds since the epoch. */
export interface Import {
  readonly tenantId: TenantId;
  /** A UUID of version 7; also the prefix of what it stores. */
  readonly importId: string;
  /** Goes up with every write. A write is applied only over the revision that it has seen. */
  readonly revision: number;
  /** A new UUID with every write, by which one's own is known when its answer was lost. */
  readonly writer: string;
  readonly state: ImportState;
  readonly begun: number;
  /** Begun by the tick, as that of a night. Absent otherwise, and in items of versions before it was kept. */
  readonly nightly?: true;
  readonly ended?: number;
  /** Failed by then, whatever happens. */
  readonly deadline: number;
  /** While there is something to do, also after the end: when it is looked at next. */
  readonly due?: number;
  /**
   * After the end, what had to be done at once is done, or was tried often enough: what `due` is for then keeps no other import from
   * beginning. Absent in items of versions before it was kept, which are due for nothing by then.
   */
  readonly tidied?: boolean;
  readonly lease?: ImportLease;
  /** Times that it was taken since it last got on. */
  readonly attempts: number;
  /** Times that it had to begin something anew: an export, the reading of the files, a manifest whose links served to store nothing. */
  readonly restarts: number;
  /** Where the server tells how its export gets on. Never logged: whoever has it may have the export. */
  readonly statusUrl?: string;
  /** What the server said of its progress, bounded and in harmless characters. */
  readonly progress?: string;
  readonly plan?: PlanSummary;
  readonly cursor?: Cursor;
  readonly segments: readonly Segment[];
  /** What last kept it from getting on. */
  readonly problem?: ImportProblem;
  readonly failure?: ImportProblem;
  /** The newest first. */
  readonly previous: readonly ImportSummary[];
}

/** Times and bounds of imports. In milliseconds, save the numbers of attempts and restarts. */
export interface ImportRules {
  readonly deadline: number;
  /** Attempts in a row that got nowhere, before an import fails. */
  readonly maxAttempts: number;
  /** Times that something may be begun anew, before an import fails. */
  readonly maxRestarts: number;
  /** From a failed attempt to the next, doubled each time. */
  readonly retryAfter: number;
}

/** Whether its state is one that a later version of this service wrote. */
export const isOfLaterVersion = ({ state }: Pick<Import, 'state'>): boolean => !Object.hasOwn(isFinal, state);

/** Imports that still have to end. Of a state that is not known it is told by whether there was an end. */
export const isOpenImport = ({ state, ended }: Pick<Import, 'state' | 'ended'>): boolean =>
  isOfLaterVersion({ state }) ? ended === undefined : !isFinal[state];

/**
 * Whether nothing has to be done at once any more after the end, and nobody is at it: the export on the server is gone, and files that no
 * data set names. Then the next import may begin, whatever is to be removed later.
 */
export const isTidy = (held: Pick<Import, 'state' | 'ended' | 'due' | 'tidied' | 'lease'>): boolean =>
  !isOpenImport(held) && (held.due === undefined || (held.tidied === true && held.lease === undefined));

const mostPrevious = 10;

const summarize = ({ importId, state, begun, ended, plan, failure }: Import): ImportSummary => ({
  importId,
  state,
  begun,
  ended: ended ?? begun,
  ...(plan === undefined ? {} : { transactionTime: plan.transactionTime }),
  ...(failure === undefined ? {} : { failure }),
});

/** A new import, due at once, that keeps in mind what came before. */
export const newImport = (
  ids: { readonly tenantId: TenantId; readonly importId: string; readonly writer: string },
  now: number,
  rules: Pick<ImportRules, 'deadline'>,
  before?: Import,
): Import => ({
  ...ids,
  revision: (before?.revision ?? 0) + 1,
  state: 'KICK_OFF',
  begun: now,
  deadline: now + rules.deadline,
  due: now,
  attempts: 0,
  restarts: 0,
  segments: [],
  previous: before === undefined ? [] : [summarize(before), ...before.previous].slice(0, mostPrevious),
});
