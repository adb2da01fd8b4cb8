import type { ImportState, Segment } from '../../../functions/imports/import.ts';
import { maxRestarts, mostTidyings } from '../../../functions/imports/import-limits.ts';
import { grace } from '../record-watch.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import type { Item } from '../stores/compile-expression.ts';
import type { InMemoryBucket } from '../stores/in-memory-bucket.ts';
import type { Invariant } from '../violation.ts';
import { hashOf } from './export-content.ts';

/** An import as its item has it, as far as it is looked at. */
export interface ImportRecord {
  readonly tenant: string;
  readonly importId: string;
  readonly revision: number;
  readonly state: ImportState;
  readonly begun: string;
  readonly deadline: string;
  readonly due?: string;
  readonly tidied?: boolean;
  readonly leaseToken?: string;
  readonly leaseUntil?: string;
  readonly attempts: number;
  readonly restarts: number;
  readonly segments: readonly Segment[];
  readonly failure?: { readonly code: string; readonly cause: string };
}

/** What is known of an import beside its record; true times. */
export interface ImportFacts {
  readonly tenant: string;
  readonly begun: number;
  state: ImportState;
  ended?: number;
  /** Where it was when it ended. */
  endedAt?: ImportState;
  failure?: string | undefined;
  /** Whether its data set is in use, or was. */
  wasInUse?: boolean;
  claims: number;
}

/** What a watch needs. */
export interface ImportWatchSurroundings {
  now(): number;
  readonly data: InMemoryBucket;
  readonly maxAttempts: number;
  readonly clockSpread: number;
  /** Until when importers or the table could not do their part. */
  disturbedUntil(): number;
  violate(invariant: Invariant, text: string): void;
}

const final: ReadonlySet<ImportState> = new Set(['DONE', 'FAILED', 'CANCELLED']);

/** What may follow each state, besides itself. */
const following: Readonly<Record<ImportState, readonly ImportState[]>> = {
  KICK_OFF: ['POLLING', 'FAILED', 'CANCELLED'],
  POLLING: ['FILES', 'KICK_OFF', 'FAILED', 'CANCELLED'],
  FILES: ['FINISHING', 'POLLING', 'KICK_OFF', 'FAILED', 'CANCELLED'],
  FINISHING: ['DONE', 'FAILED', 'CANCELLED'],
  DONE: [],
  // Where its manifest turns out to be in use.
  FAILED: ['DONE'],
  CANCELLED: ['DONE'],
};

const lasting = ['tenant', 'importId', 'begun', 'deadline'] as const;

/** Looks at every write to the imports table, as it is applied. */
export const createImportWatch = (surroundings: ImportWatchSurroundings) => {
  const { now, data, maxAttempts, clockSpread, violate } = surroundings;
  const facts = new Map<string, ImportFacts>();
  /** Who took which lease. */
  const holders = new Map<string, SimulatedProcess>();
  let writer: SimulatedProcess | undefined;

  const checkBeginning = (before: ImportRecord | undefined, after: ImportRecord): void => {
    const { tenant, importId } = after;
    const isUntidy = before?.due !== undefined && (before.tidied !== true || before.leaseToken !== undefined);
    if (before !== undefined && (!final.has(before.state) || isUntidy)) {
      violate('I5', `an import of ${tenant} was begun while another is at ${before.state}`);
    }
    if (after.state !== 'KICK_OFF') violate('I7', `the import ${importId} begins at ${after.state}`);
    facts.set(importId, { tenant, begun: now(), state: after.state, claims: 0 });
  };

  /** I5: while somebody holds the lease nobody else writes, but an operator who calls it off, and a tick past the deadline. */
  const checkHolder = (before: ImportRecord, after: ImportRecord): void => {
    const { tenant, leaseToken, leaseUntil } = before;
    const isOverdue = after.failure?.code === 'DEADLINE_PASSED';
    if (after.revision !== before.revision + 1) violate('I5', `the import of ${tenant} was written without being seen`);
    if (leaseToken === undefined || after.state === 'CANCELLED' || isOverdue) return;
    if (holders.get(leaseToken) === writer) return;
    if (Date.parse(leaseUntil ?? '') > now() + clockSpread)
      violate('I5', `the import of ${tenant} was written by another than who has it`);
  };

  const checkClaim = (before: ImportRecord, after: ImportRecord, known: ImportFacts): void => {
    const { tenant, leaseToken, attempts } = after;
    if (leaseToken === undefined || leaseToken === before.leaseToken) return;
    if (writer !== undefined) holders.set(leaseToken, writer);
    known.claims += 1;
    if (attempts > (final.has(after.state) ? mostTidyings : maxAttempts))
      violate('I8', `the import of ${tenant}, at ${after.state}, has ${attempts} attempts`);
  };

  /** I3: what the record says is stored is stored. */
  const checkSegments = (before: ImportRecord, after: ImportRecord): void => {
    for (const { name, sha256, bytes } of after.segments) {
      if (before.segments.some((segment) => segment.name === name)) continue;
      const stored = data.objects.get(`${after.tenant}/${name}`);
      if (stored?.bytes.length !== bytes || hashOf(stored.bytes) !== sha256)
        violate('I3', `the import of ${after.tenant} records ${name}, which is not stored so`);
    }
  };

  const checkEnd = (before: ImportRecord, after: ImportRecord, known: ImportFacts): void => {
    const { tenant, state, failure, deadline } = after;
    known.ended = now();
    known.endedAt = before.state;
    known.failure = failure?.code;
    const latest = Math.max(Date.parse(deadline), surroundings.disturbedUntil()) + grace + clockSpread;
    if (now() > latest) violate('I1', `the import of ${tenant} ended ${now() - latest} ms too late, as ${state}`);
    if (state !== 'FAILED') return;
    if (failure === undefined || failure.cause === '') violate('I1', `the import of ${tenant} failed without a reason`);
    if (failure?.code === 'FAULT') violate('contract', `the import of ${tenant} failed: ${failure.cause}`);
    if (failure?.code === 'DEADLINE_PASSED' && Date.parse(deadline) > now() + clockSpread)
      violate('I7', `the import of ${tenant} failed too early`);
    if (failure?.code === 'ATTEMPTS_EXHAUSTED' && before.attempts < maxAttempts)
      violate('I7', `the import of ${tenant} failed for ${before.attempts} attempts`);
  };

  /** I7: an import is done only where its data set is in use, or was: between the look and the record another may come. */
  const checkDone = ({ tenant }: ImportRecord, known: ImportFacts): void => {
    if (known.wasInUse !== true) violate('I7', `the import of ${tenant} is done, and was never in use`);
    known.failure = undefined;
  };

  const checkStep = (before: ImportRecord, after: ImportRecord): void => {
    const { tenant, state } = after;
    for (const name of lasting) if (before[name] !== after[name]) violate('I7', `${name} of an import was changed`);
    if (state !== before.state && !following[before.state].includes(state))
      violate('I7', `the import of ${tenant} went from ${before.state} to ${state}`);
    if (after.restarts > maxRestarts) violate('I8', `the import of ${tenant} has ${after.restarts} restarts`);
    const known = facts.get(after.importId);
    if (known === undefined) {
      violate('I6', `nobody began the import of ${tenant}`);
      return;
    }
    checkHolder(before, after);
    checkClaim(before, after, known);
    checkSegments(before, after);
    if (state === 'DONE' && before.state !== 'DONE') checkDone(after, known);
    known.state = state;
    if (!final.has(before.state) && final.has(state)) checkEnd(before, after, known);
  };

  return {
    /** By the import's id. */
    facts: facts as ReadonlyMap<string, ImportFacts>,
    /** Whose request is applied now. */
    acts(process: SimulatedProcess): void {
      writer = process;
    },
    written(beforeItem: Item | undefined, afterItem: Item | undefined): void {
      const before = beforeItem as ImportRecord | undefined;
      const after = afterItem as unknown as ImportRecord | undefined;
      if (after === undefined) violate('I6', `the import of ${before?.tenant} is gone`);
      else if (before?.importId !== after.importId) checkBeginning(before, after);
      else checkStep(before, after);
    },
  };
};
