import { expect, test } from 'vitest';
import { pruneDataSets } from '../../functions/imports/prune-data-sets.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { createInMemoryDataSetFiles } from '../support/in-memory-data-set-files.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const hour = 3_600_000;
const grace = 24 * hour;

/** Data sets of so many hours ago; those in `complete` have their manifest. */
const stored = async (hours: readonly number[], complete: readonly number[], inUse: number) => {
  const files = createInMemoryDataSetFiles();
  const ids = new Map(hours.map((age) => [age, randomIds.sortableUuid(sampleTime - age * hour)]));
  for (const [age, id] of ids) {
    await files.put(demoTenant, `imports/${id}/0001-a.ndjson.gz`, Buffer.from('x'), '');
    if (complete.includes(age)) await files.put(demoTenant, `imports/${id}/manifest.json`, Buffer.from('{}'), '');
  }
  const output = [{ url: `imports/${ids.get(inUse)}/0001-a.ndjson.gz` }];
  await files.publish(demoTenant, JSON.stringify({ output }), undefined);
  const left = async () => {
    const there = await files.listImports(demoTenant);
    return [...ids].filter(([, id]) => there.includes(id)).map(([age]) => age);
  };
  return { files, left };
};

const rules = { keep: 2, grace, now: sampleTime };

test('the newest that were complete stay, and what is within the grace', async () => {
  const { files, left } = await stored([1, 30, 54, 78, 102], [1, 30, 54, 78, 102], 1);
  expect(await pruneDataSets(files, demoTenant, rules)).toEqual({ imports: 3, files: 6 });
  expect(await left()).toEqual([1, 30]);
});

test('an import that failed goes when its grace is over, and pushes no data set out', async () => {
  const { files, left } = await stored([1, 30, 54, 78], [54, 78], 78);
  await pruneDataSets(files, demoTenant, rules);
  expect(await left()).toEqual([1, 54, 78]);
});

test('failed imports of the day push no data set out, however many', async () => {
  const { files, left } = await stored([1, 2, 3, 30, 54, 78], [30, 54, 78], 30);
  await pruneDataSets(files, demoTenant, { ...rules, keep: 3 });
  expect(await left()).toEqual([1, 2, 3, 30, 54, 78]);
});

test('one that was replaced a moment ago stays for the grace, which begins when the next was imported at the latest', async () => {
  const { files, left } = await stored([1, 32, 56], [1, 32, 56], 1);
  const rulesOfOne = { ...rules, keep: 1 };
  await pruneDataSets(files, demoTenant, rulesOfOne);
  expect(await left()).toEqual([1, 32]);
  const replaced = sampleTime + 5 * hour;
  await pruneDataSets(files, demoTenant, { ...rulesOfOne, now: replaced + grace - 1 });
  expect(await left()).toEqual([1, 32]);
  await pruneDataSets(files, demoTenant, { ...rulesOfOne, now: replaced + grace });
  expect(await left()).toEqual([1]);
});

test('the data set in use stays, however old', async () => {
  const { files, left } = await stored([30, 54, 78, 500], [30, 54, 78, 500], 500);
  await pruneDataSets(files, demoTenant, rules);
  expect(await left()).toEqual([30, 54, 500]);
});

test('what has not the name of an import is never touched', async () => {
  const { files } = await stored([1], [1], 1);
  await files.put(demoTenant, 'imports/by-hand/1.ndjson', Buffer.from('x'), '');
  await pruneDataSets(files, demoTenant, { ...rules, now: sampleTime + 9_999 * hour });
  expect(files.stored.has('demo/imports/by-hand/1.ndjson')).toBe(true);
});

test('the one that was in use until a moment ago stays, also where an operator had gone back to it', async () => {
  const { files, left } = await stored([1, 54, 78, 102], [1, 54, 78, 102], 1);
  const [, , , oldest] = (await files.listImports(demoTenant)).toReversed();
  const replaced = new Set([`imports/${oldest}/0001-a.ndjson.gz`]);
  await pruneDataSets(files, demoTenant, { ...rules, keep: 1, replaced });
  expect(await left()).toEqual([1, 54, 102]);
});
