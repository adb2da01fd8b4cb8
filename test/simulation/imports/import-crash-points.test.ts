import { describe, expect, test } from 'vitest';
import { createDecisionTape } from '../decision-tape.ts';
import { calm, type Fate, type Fates } from '../fate.ts';
import { drawPlan, type RunPlan } from '../run-plan.ts';
import { runSchedule } from '../run-schedule.ts';
import { firstWithImports } from '../themes.ts';

/** What befalls one call of the importer, or of the operator who begins the import; a process that has died is replaced. */
const fatesOfOne: Readonly<Record<string, Fate>> = {
  'crash before': { ...calm, end: 'crash-before' },
  'crash after': { ...calm, end: 'crash-after' },
  'failure before': { ...calm, end: 'failed', failsNext: 2 },
  'applied, answer lost': { ...calm, end: 'lost' },
  'applied, nothing heard any more': { ...calm, end: 'lost', failsNext: 2 },
};

/** An import by an operator's order, by day; nobody orders a report. */
const plan: Partial<RunPlan> = {
  ...drawPlan(createDecisionTape([firstWithImports])),
  start: Date.UTC(2026, 3, 16, 12),
  users: [],
  faultyFor: 12 * 3_600_000,
  settings: 'hasty',
};

const run = (fates: Fates) => runSchedule([firstWithImports], { fates, plan });

/** The calls of a run in which one of them does not go well. */
const runWith = (at: number, fate: Fate) => run({ of: ({ index }) => (index === at ? fate : calm) });

describe('crash points of an import', () => {
  test('it is done when nothing happens', async () => {
    const { violation, imports, faultyCalls } = await run({ of: () => calm });
    expect(violation).toBeUndefined();
    expect(imports).toEqual({ DONE: 1 });
    expect(faultyCalls).toBeGreaterThan(30);
    // Each of them is a schedule of its own, five times.
    expect(faultyCalls).toBeLessThan(100);
  });

  test.each(Object.keys(fatesOfOne))('it keeps every invariant, and is done, with %s at every call', async (name) => {
    const { faultyCalls } = await run({ of: () => calm });
    for (let k = 1; k <= faultyCalls; k += 1) {
      const { violation, imports } = await runWith(k, fatesOfOne[name] ?? calm);
      const where = `${name} at call ${k} of ${faultyCalls}`;
      expect(violation?.message, where).toBeUndefined();
      // An operator who is never heard may not have begun it.
      expect([{ DONE: 1 }, {}], where).toContainEqual(imports);
    }
  });
});
