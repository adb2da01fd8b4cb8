import { describe, expect, test } from 'vitest';
import { createDecisionTape } from './decision-tape.ts';
import { calm, type Fate, type Fates } from './fate.ts';
import { drawPlan, type RunPlan, type UserAction } from './run-plan.ts';
import { runSchedule } from './run-schedule.ts';

const minute = 60_000;

/** What befalls one call; everything before and after it goes well, and a process that has died is replaced. */
const fatesOfOne: Readonly<Record<string, Fate>> = {
  'crash before': { ...calm, end: 'crash-before' },
  'crash after': { ...calm, end: 'crash-after' },
  'failure before': { ...calm, end: 'failed', failsNext: 2 },
  'applied, answer lost': { ...calm, end: 'lost' },
  'applied, nothing heard any more': { ...calm, end: 'lost', failsNext: 2 },
};

/** Happy paths: one user does one thing after the other. */
const paths: Readonly<Record<string, { readonly script: readonly UserAction[]; readonly plan?: Partial<RunPlan> }>> = {
  'an order': { script: ['execute', 'wait', 'read'] },
  'two orders of the same data': { script: ['execute', 'wait', 'execute'] },
  // A night in which the tenant has no import to wait for: the ticks of a whole night are hundreds of calls that are all alike.
  'a scheduled order': { script: ['schedule', 'read'], plan: { start: Date.UTC(2026, 3, 16, 22, 31) } },
  'an order that is repeated': { script: ['execute-with-key', 'execute-with-key'] },
  'a deletion while the report is made': { script: ['execute', 'delete'] },
  'a deletion of a finished report': { script: ['execute', 'wait', 'delete', 'delete'] },
  'a report that fails': {
    script: ['wait', 'execute'],
    plan: { incidents: [{ kind: 'spoil-data', at: 0, duration: 0, tenant: 0 }] },
  },
};

const run = (path: string, fates: Fates) => {
  const { script, plan } = paths[path] ?? { script: [] };
  const plain = drawPlan(createDecisionTape([]));
  return runSchedule([], { fates, plan: { ...plain, faultyFor: 12 * 60 * minute, ...plan, script } });
};

describe('A1–A4, A6, A20–A26, A34: crash points', () => {
  describe.each(Object.keys(paths))('%s', (path) => {
    test('goes well when nothing happens', async () => {
      const { violation, faultyCalls } = await run(path, { of: () => calm });
      expect(violation).toBeUndefined();
      expect(faultyCalls).toBeGreaterThan(10);
      // Each of them is a schedule of its own, five times.
      expect(faultyCalls).toBeLessThan(100);
    });
    test.each(Object.keys(fatesOfOne))('keeps every invariant with %s at every call', async (name) => {
      const { faultyCalls } = await run(path, { of: () => calm });
      for (let k = 1; k <= faultyCalls; k += 1) {
        const { violation } = await run(path, { of: ({ index }) => (index === k ? (fatesOfOne[name] ?? calm) : calm) });
        expect(violation?.message, `${name} at call ${k} of ${faultyCalls}`).toBeUndefined();
      }
    });
  });
});
