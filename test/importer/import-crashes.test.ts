import { afterEach, describe, expect, test } from 'vitest';
import type { DataSetFiles } from '../../functions/imports/data-set-files.ts';
import type { ImportStore } from '../../functions/imports/import-store.ts';
import { digestOf, episodeFile, type ImportBench, startImportBench, yesterdays } from '../support/import-bench.ts';

// A function that is killed says nothing more: from that moment every call of its run fails. The next run is another process.

const filler = 'x'.repeat(800);
const episodes = 60;
/** All episodes in so many files, each of which is more than a segment. */
const filesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => episodeFile((index * episodes) / count + 1, episodes / count, filler));
const wholeDigest = digestOf(episodeFile(1, episodes, filler));

let bench: ImportBench;
afterEach(() => bench.server.stop());

type When = 'before' | 'after';

/** The calls that change something, counted over all runs; at each of `kills` the run dies, before or after the call was done. */
const killAt = (kills: readonly number[], when: When) => {
  const run = { calls: 0, isDead: false };
  const guard =
    <Call extends readonly unknown[], Result>(call: (...values: Call) => Promise<Result>) =>
    async (...values: Call): Promise<Result> => {
      if (run.isDead) throw new Error('killed');
      run.calls += 1;
      const isFatal = kills.includes(run.calls);
      if (isFatal && when === 'before') run.isDead = true;
      if (run.isDead) throw new Error('killed');
      const result = await call(...values);
      if (isFatal) run.isDead = true;
      if (run.isDead) throw new Error('killed');
      return result;
    };
  return {
    run,
    store: (store: ImportStore): ImportStore => ({ ...store, replace: guard(store.replace) }),
    files: (store: DataSetFiles): DataSetFiles => ({
      ...store,
      put: guard(store.put),
      publish: guard(store.publish),
      removeImport: guard(store.removeImport),
    }),
  };
};

const start = async (kills: readonly number[], when: When, files = 3) => {
  const killer = killAt(kills, when);
  bench = await startImportBench(
    { files: filesOf(files), form: 'binary' },
    { limits: { segmentBytes: 3_000 }, wrapStore: killer.store },
  );
  bench.putYesterdays();
  bench.dependencies = { ...bench.dependencies, files: killer.files(bench.files) };
  const step = bench.step;
  bench.step = async () => {
    killer.run.isDead = false;
    await step();
    const inUse = bench.read();
    if (digestOf(inUse?.text ?? '') !== wholeDigest) expect(inUse).toEqual(yesterdays);
  };
  return killer.run;
};

/** How many calls an import makes that nothing disturbs. */
const countCalls = async (): Promise<number> => {
  const run = await start([], 'before');
  await bench.run();
  await bench.server.stop();
  return run.calls;
};

const expectWhole = () => {
  expect(digestOf(bench.read()?.text ?? '')).toBe(wholeDigest);
  const left = [...bench.files.stored.keys()].filter((key) => key.includes('plan-'));
  expect(left).toEqual([]);
};

describe('an import whose function is killed', () => {
  test.each<When>(['before', 'after'])(
    'once, %s any call that changes something, is done all the same',
    async (when) => {
      const calls = await countCalls();
      expect(calls).toBeGreaterThan(15);
      for (let at = 1; at <= calls; at++) {
        await start([at], when);
        expect((await bench.run()).state, `killed ${when} call ${at}`).toBe('DONE');
        expectWhole();
        if (at < calls) await bench.server.stop();
      }
    },
  );

  test.each<When>(['before', 'after'])('ten times on its way, %s its calls, is done all the same', async (when) => {
    const run = await start([3, 8, 13, 18, 23, 28, 33, 38, 43, 47], when, 12);
    expect((await bench.run()).state).toBe('DONE');
    expect(run.calls).toBeGreaterThan(47);
    expectWhole();
  });

  test('each time at the same place, fails when its attempts are used up', async () => {
    const run = await start([], 'before');
    const { files } = bench.dependencies;
    const put: DataSetFiles['put'] = async () => {
      run.isDead = true;
      throw new Error('killed');
    };
    bench.dependencies = { ...bench.dependencies, files: { ...files, put } };
    const over = await bench.run();
    expect(over.failure).toEqual({
      code: 'ATTEMPTS_EXHAUSTED',
      cause: '4 attempts in a row got nowhere; none said why',
    });
    expect(bench.read()).toEqual(yesterdays);
  });
});

test('tidying up that is killed each time is given up, so that the next import can begin', async () => {
  const run = await start([], 'before');
  const { files } = bench.dependencies;
  const removeImport: DataSetFiles['removeImport'] = async () => {
    run.isDead = true;
    throw new Error('killed');
  };
  bench.dependencies = { ...bench.dependencies, files: { ...files, removeImport } };
  const killed = bench.dependencies.imports.replace;
  bench.dependencies = {
    ...bench.dependencies,
    imports: {
      ...bench.dependencies.imports,
      replace: async (...write) => (run.isDead ? Promise.reject(new Error('killed')) : killed(...write)),
    },
  };
  expect(await bench.run()).toMatchObject({ state: 'DONE', attempts: 0 });
  const problem = '4 attempts in a row got nowhere; none said why';
  expect(bench.log.of('IMPORT_NOT_TIDIED').at(-1)).toMatchObject({ errorCode: 'ATTEMPTS_EXHAUSTED', problem });
  expect((await bench.begin()).kind).toBe('begun');
});

describe('an importer that was frozen', () => {
  test('and wakes up when another has gone on, records nothing and says so', async () => {
    const run = await start([], 'before');
    bench.server.polls = 0;
    await bench.begin();
    await bench.step();
    bench.clock.advance(1_000);
    const { files: kept } = bench.dependencies;
    let isFrozen = false;
    const put: DataSetFiles['put'] = async (...call) => {
      await kept.put(...call);
      if (isFrozen) return;
      isFrozen = true;
      // Another one takes the import over, and ends it, while this one sleeps.
      bench.clock.advance(600_000);
      await bench.run();
    };
    bench.dependencies = { ...bench.dependencies, files: { ...kept, put } };
    await bench.step();
    expect(run.isDead).toBe(false);
    expect(bench.log.of('IMPORT_LOST')).toHaveLength(1);
    expect(bench.log.of('IMPORT_DONE')).toHaveLength(1);
    expectWhole();
  });
});
