import { expect, test } from 'vitest';
import { writeExtension } from '../../functions/imports/data-set-history.ts';
import { pruneDataSets } from '../../functions/imports/prune-data-sets.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { createInMemoryDataSetFiles } from '../support/in-memory-data-set-files.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const hour = 3_600_000;
const quarter = hour / 4;
const grace = 24 * hour;

/** How the data set in use came to be so. Ages in hours. */
interface InUse {
  readonly age: number;
  /** It replaced another, of that age, so long ago. */
  readonly replaced?: { readonly age: number; readonly ago: number };
  /** Somebody put its manifest back so long ago. */
  readonly putBack?: number;
}

/** What imports of so many hours ago have stored; those in `complete` have a copy of their manifest. */
const stored = async (hours: readonly number[], complete: readonly number[], inUse: InUse) => {
  const files = createInMemoryDataSetFiles(() => sampleTime - (inUse.putBack ?? inUse.age) * hour);
  const ids = new Map(hours.map((age) => [age, randomIds.sortableUuid(sampleTime - age * hour)]));
  for (const [age, id] of ids) {
    await files.put(demoTenant, `imports/${id}/0001-a.ndjson.gz`, Buffer.from('x'), '');
    if (complete.includes(age)) await files.put(demoTenant, `imports/${id}/manifest.json`, Buffer.from('{}'), '');
  }
  const { age: old = 0, ago = 0 } = inUse.replaced ?? {};
  const until = new Map([[ids.get(old) ?? 'none', sampleTime - ago * hour]]);
  const extension = writeExtension({ published: sampleTime - inUse.age * hour, history: { since: 0, until } });
  const output = [{ url: `imports/${ids.get(inUse.age)}/0001-a.ndjson.gz` }];
  await files.publish(demoTenant, JSON.stringify({ extension, output }), undefined);
  const left = async () => {
    const there = await files.listImports(demoTenant);
    return [...ids].filter(([, id]) => there.includes(id)).map(([age]) => age);
  };
  const idOf = (age: number) => ids.get(age) ?? '';
  return { files, left, idOf };
};

const rules = { keep: 2, grace, now: sampleTime, ended: new Map<string, number>() };

test('the newest that were complete stay', async () => {
  const { files, left } = await stored([1, 30, 54, 78, 102], [1, 30, 54, 78, 102], { age: 1 });
  expect(await pruneDataSets(files, demoTenant, rules)).toEqual({ imports: 3, files: 6, again: undefined });
  expect(await left()).toEqual([1, 30]);
});

test('what never came into use goes when nobody can be at it any more, after a day, and pushes no data set out', async () => {
  const { files, left } = await stored([1, 30, 54, 78], [54, 78], { age: 78 });
  const { again } = await pruneDataSets(files, demoTenant, rules);
  expect(await left()).toEqual([1, 54, 78]);
  expect(again).toBe(sampleTime + 23 * hour);
  await pruneDataSets(files, demoTenant, { ...rules, now: sampleTime + 23 * hour });
  expect(await left()).toEqual([54, 78]);
});

test('an import of which it is known when it failed goes a quarter of an hour after that', async () => {
  const { files, left, idOf } = await stored([1, 30], [30], { age: 30 });
  const ended = new Map([[idOf(1), sampleTime]]);
  const { again } = await pruneDataSets(files, demoTenant, { ...rules, ended, now: sampleTime + quarter - 1 });
  expect([again, await left()]).toEqual([sampleTime + quarter, [1, 30]]);
  await pruneDataSets(files, demoTenant, { ...rules, ended, now: sampleTime + quarter });
  expect(await left()).toEqual([30]);
});

test('failed imports push no data set out, however many', async () => {
  const { files, left } = await stored([1, 2, 3, 30, 54, 78], [30, 54, 78], { age: 30 });
  await pruneDataSets(files, demoTenant, { ...rules, keep: 3 });
  expect(await left()).toEqual([1, 2, 3, 30, 54, 78]);
});

test('one that was replaced a moment ago stays for the grace, and the one before it goes', async () => {
  const { files, left } = await stored([1, 32, 56], [1, 32, 56], { age: 1, replaced: { age: 32, ago: 0 } });
  const rulesOfOne = { ...rules, keep: 1 };
  expect((await pruneDataSets(files, demoTenant, rulesOfOne)).again).toBe(sampleTime + grace);
  expect(await left()).toEqual([1, 32]);
  await pruneDataSets(files, demoTenant, { ...rulesOfOne, now: sampleTime + grace - 1 });
  expect(await left()).toEqual([1, 32]);
  expect((await pruneDataSets(files, demoTenant, { ...rulesOfOne, now: sampleTime + grace })).again).toBeUndefined();
  expect(await left()).toEqual([1]);
});

test('one that an operator had gone back to stays for the grace too, although newer ones are there', async () => {
  const all = [1, 30, 54, 102];
  const { files, left } = await stored(all, all, { age: 1, replaced: { age: 102, ago: 1 } });
  await pruneDataSets(files, demoTenant, { ...rules, keep: 3 });
  expect(await left()).toEqual(all);
  await pruneDataSets(files, demoTenant, { ...rules, keep: 3, now: sampleTime + 23 * hour });
  expect(await left()).toEqual([1, 30, 54]);
});

test('what somebody replaced by hand is not known: nothing goes before the grace since then is over', async () => {
  const all = [30, 54, 78, 102, 126];
  const { files, left } = await stored(all, all, { age: 102, putBack: 2 });
  const { again } = await pruneDataSets(files, demoTenant, rules);
  expect([again, await left()]).toEqual([sampleTime + hour, all]);
  await pruneDataSets(files, demoTenant, { ...rules, now: sampleTime + 22 * hour });
  expect(await left()).toEqual([30, 54, 102]);
});

test('the data set in use stays, however old; every hour it is looked whether it still is', async () => {
  const { files, left } = await stored([30, 54, 78, 500], [30, 54, 78, 500], { age: 500 });
  expect((await pruneDataSets(files, demoTenant, rules)).again).toBe(sampleTime + hour);
  expect(await left()).toEqual([30, 54, 500]);
  await files.put(demoTenant, 'manifest.json', Buffer.from('{"output":[{"url":"by-hand.ndjson"}]}'), '');
  expect((await pruneDataSets(files, demoTenant, rules)).again).toBeUndefined();
  expect(await left()).toEqual([30, 54]);
});

test('where no data set is in use, what a failed import has stored goes all the same', async () => {
  const { files, left } = await stored([30], [], { age: 1 });
  files.stored.delete('demo/manifest.json');
  await pruneDataSets(files, demoTenant, rules);
  expect(await left()).toEqual([]);
});

test('what has not the name of an import is never touched', async () => {
  const { files } = await stored([1], [1], { age: 1 });
  await files.put(demoTenant, 'imports/by-hand/1.ndjson', Buffer.from('x'), '');
  await pruneDataSets(files, demoTenant, { ...rules, now: sampleTime + 9_999 * hour });
  expect(files.stored.has('demo/imports/by-hand/1.ndjson')).toBe(true);
});

test('a data set that somebody goes back to meanwhile stays, and is looked at again', async () => {
  const { files, left, idOf } = await stored([1, 30, 54, 78], [1, 30, 54, 78], { age: 1 });
  const output = [{ url: `imports/${idOf(78)}/0001-a.ndjson.gz` }];
  const goBack = async () => {
    const seen = await files.readManifest(demoTenant);
    await files.publish(demoTenant, JSON.stringify({ output }), seen);
  };
  const meanwhile = {
    ...files,
    async get(...key: Parameters<typeof files.get>) {
      const found = await files.get(...key);
      if (key[1].includes(idOf(78))) await goBack();
      return found;
    },
  };
  const { again } = await pruneDataSets(meanwhile, demoTenant, rules);
  expect(await left()).toEqual([1, 30, 78]);
  expect(again).toBe(sampleTime + hour);
});
