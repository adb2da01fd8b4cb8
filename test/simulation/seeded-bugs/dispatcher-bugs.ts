import { conditions } from '../../../functions/jobs/job-conditions.ts';
import { changeUpdates, type SeededBug, setsStatus } from './seeded-bug.ts';

/** Faults that somebody could have made in the dispatcher, the cleaner and in what it writes. */
export const dispatcherBugs: readonly SeededBug[] = [
  {
    name: 'no dispatcher',
    breaks: ['I1'],
    variant: { dispatcher: (dispatcher) => ({ ...dispatcher, openJobs: { findDue: async () => [] } }) },
  },
  {
    name: 'no sweep after a deletion',
    breaks: ['I12'],
    variant: { dispatcher: (dispatcher) => ({ ...dispatcher, eraser: { eraseAll: async () => undefined } }) },
  },
  {
    name: 'the deadline is forgotten while a job waits',
    breaks: ['I1'],
    variant: {
      dispatcher: (dispatcher) => ({
        ...dispatcher,
        jobs: {
          ...dispatcher.jobs,
          async fail(tenantId, binaryId, guard, ending) {
            if (guard.by === 'dispatcher' && guard.seen.status === 'QUEUED')
              return { outcome: 'conflict', job: guard.seen };
            return dispatcher.jobs.fail(tenantId, binaryId, guard, ending);
          },
        },
      }),
    },
  },
  {
    name: 'a wait for an import that knows no deadline',
    breaks: ['I1'],
    variant: {
      dispatcher: (dispatcher) => ({
        ...dispatcher,
        jobs: {
          ...dispatcher.jobs,
          postpone: (tenantId, seen, releaseAt) => dispatcher.jobs.postpone(tenantId, seen, releaseAt + 12 * 3_600_000),
        },
      }),
    },
  },
  {
    name: 'a job queued again whatever it has become',
    breaks: ['I7'],
    variant: {
      command: changeUpdates(
        (input) => setsStatus('QUEUED')(input) && input.ConditionExpression === conditions.isAsSeen,
        () => ({ ConditionExpression: 'attribute_exists(pk)' }),
      ),
    },
  },
  {
    name: 'a job failed whatever it has become',
    breaks: ['I7', 'I2', 'I12'],
    variant: {
      command: changeUpdates(
        (input) => setsStatus('FAILED')(input) && (input.ConditionExpression ?? '').startsWith(conditions.isAsSeen),
        () => ({ ConditionExpression: 'attribute_exists(pk)' }),
      ),
    },
  },
  {
    name: 'the cleaner knows only what an order records',
    breaks: ['I3'],
    variant: {
      cleaner: (cleaner) => ({
        ...cleaner,
        jobs: {
          async read(tenantId, binaryId) {
            const job = await cleaner.jobs.read(tenantId, binaryId);
            return job && { ...job, versions: job.versions.slice(0, 1) };
          },
        },
      }),
    },
  },
  {
    name: 'a lost worker ends its job at once',
    breaks: ['I7'],
    variant: {
      dispatcher: (dispatcher) => ({ ...dispatcher, rules: { ...dispatcher.rules, maxAttempts: 1 } }),
    },
  },
];
