import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImportSource } from '../../functions/auth/import-source.ts';
import type { Import } from '../../functions/imports/import.ts';
import { cancelImport } from '../../functions/imports/import-transitions.ts';
import { always, status } from '../support/export-faults.ts';
import { episodeFile, type ImportBench, startImportBench, yesterdays } from '../support/import-bench.ts';
import { demoTenant } from '../support/sample-job.ts';
import { registryOf } from '../support/sample-tenant.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
let bench: ImportBench;
beforeEach(async () => {
  bench = await startImportBench({ files: [episodeFile(1, 5), episodeFile(6, 5)], polls: 0 });
  bench.putYesterdays();
});
afterEach(() => bench.server.stop());

const held = async () => (await bench.imports.read(demoTenant)) as Import;
/** Names of what an import has stored, the latest if it is not said which. */
const stored = async (importId?: string) => {
  const id = importId ?? (await held()).importId;
  return [...bench.files.stored.keys()].filter((key) => key.includes(id));
};
/** An import that has stored something and then fails. */
const runInVain = async () => {
  bench.server.intercept = always(/files\/1$/, status(503));
  const failed = await bench.run();
  bench.server.intercept = () => false;
  return failed;
};

describe('where no other import follows', () => {
  test.each([
    ['has its server still', {}],
    ['has none any more', { import: undefined }],
    ['is disabled', { enabled: false }],
  ])('nothing is left of a failed import a quarter of an hour after its end: the tenant %s', async (_what, own) => {
    const { state, ended = 0 } = await runInVain();
    expect([state, (await stored()).length]).toEqual(['FAILED', 1]);
    bench.dependencies = { ...bench.dependencies, tenants: registryOf({ ...bench.tenant, ...own }) };
    bench.clock.advance(ended + 15 * minute - 1 - bench.clock.now());
    await bench.step();
    expect((await stored()).length).toBe(1);
    bench.clock.advance(1);
    await bench.step();
    expect([await stored(), (await held()).due]).toEqual([[], undefined]);
    expect(bench.read()).toEqual(yesterdays);
  });

  test('a data set beyond the newest is removed when the grace since it was replaced is over', async () => {
    const { tenant } = bench;
    const one = registryOf({ ...tenant, import: { ...(tenant.import as ImportSource), keep: 1 } });
    bench.dependencies = { ...bench.dependencies, tenants: one };
    const isLeft = () => [...bench.files.stored.values()].some((bytes) => bytes.equals(gzipSync(yesterdays.text)));
    await bench.run();
    const replaced = bench.clock.now();
    // It is looked every hour: the version before, after a rollback, begins no other import until then.
    for (let looks = 0; looks < 24; looks += 1) {
      expect((await held()).due).toBe(bench.clock.now() + 60 * minute);
      bench.clock.advance(60 * minute);
      await bench.step();
    }
    expect([isLeft(), (await held()).due]).toEqual([true, replaced + 15 * minute + day]);
    bench.clock.advance(15 * minute);
    await bench.step();
    expect([isLeft(), (await held()).due, (await stored()).length]).toEqual([false, undefined, 2]);
  });
});

test('what a run stores that does not know yet that its import was called off is removed too', async () => {
  const { files } = bench.dependencies;
  const put: typeof files.put = async (...call) => {
    if (call[1].endsWith('.ndjson.gz') && (await held()).state === 'FILES') {
      const one = await held();
      await bench.imports.replace(demoTenant, one, cancelImport(one, bench.clock.now()));
      await bench.step();
      expect(await held()).toMatchObject({ state: 'CANCELLED', tidied: true });
    }
    return files.put(...call);
  };
  bench.dependencies = { ...bench.dependencies, files: { ...files, put } };
  expect((await bench.run()).state).toBe('CANCELLED');
  expect((await stored()).length).toBe(1);
  bench.clock.advance(15 * minute);
  await bench.step();
  expect([await stored(), (await held()).due]).toEqual([[], undefined]);
});

test('the next import may begin while something is still to be removed, and removes it', async () => {
  const failed = await runInVain();
  expect((await bench.run()).state).toBe('DONE');
  const leftOf = async () => (await stored(failed.importId)).length;
  expect([await leftOf(), (await held()).due]).toEqual([1, (failed.ended ?? 0) + 15 * minute]);
  await bench.run();
  expect([await leftOf(), (await held()).due]).toEqual([1, (failed.ended ?? 0) + 15 * minute]);
  bench.clock.advance(15 * minute);
  await bench.step();
  expect([await leftOf(), (await held()).due, (await stored()).length]).toEqual([0, undefined, 2]);
});

test('no other import begins while somebody removes something', async () => {
  await runInVain();
  const { files } = bench.dependencies;
  let begun = '';
  const listImports: typeof files.listImports = async (...call) => {
    begun = (await bench.begin()).kind;
    return files.listImports(...call);
  };
  bench.dependencies = { ...bench.dependencies, files: { ...files, listImports } };
  bench.clock.advance(15 * minute);
  await bench.step();
  expect([begun, (await bench.begin()).kind]).toEqual(['busy', 'begun']);
});

test('an import that never got to publish leaves no manifest that would make it one of the newest data sets', async () => {
  const { files } = bench.dependencies;
  bench.dependencies = { ...bench.dependencies, files: { ...files, publish: async () => false } };
  expect((await bench.run()).failure?.cause).toContain('DATA_SET_CHANGED');
  expect((await stored()).map((key) => key.split('/').at(-1))).toEqual([expect.stringMatching(/\.ndjson\.gz$/)]);
});

test('a data set that an operator went back to is kept for the grace when the next import replaces it', async () => {
  bench.dependencies = { ...bench.dependencies, grace: 2 * day };
  const ids: string[] = [];
  const importNext = async () => {
    bench.clock.advance(day);
    const { state, importId } = await bench.run();
    expect(state).toBe('DONE');
    ids.push(importId);
  };
  for (let nights = 0; nights < 6; nights += 1) await importNext();
  const [oldest = ''] = ids.slice(-3);
  const copy = bench.files.stored.get(`demo/imports/${oldest}/manifest.json`)?.toString() ?? '';
  bench.clock.advance(day);
  await bench.files.publish(demoTenant, copy, await bench.files.readManifest(demoTenant));
  for (let nights = 0; nights < 3; nights += 1) await importNext();
  const replaced = bench.clock.now() - 2 * day;
  expect((await stored(oldest)).length).toBe(2);
  bench.clock.advance(replaced + 2 * day + 15 * minute - bench.clock.now());
  await bench.step();
  expect(await stored(oldest)).toEqual([]);
});
