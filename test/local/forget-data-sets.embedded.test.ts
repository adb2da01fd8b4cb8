import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import type { Import } from '../../functions/imports/import.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { createBytesInput } from '../../local/data-set-input.ts';
import { forget, lookForForgettable } from '../../local/forget-data-sets.ts';
import { loadDataSet } from '../../local/load-data-set.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

const minute = 60_000;
let stores: Stores;
beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.stop());

let tenantId = restoreTenantId('t0');
let tenants = 0;
beforeEach(() => {
  tenants += 1;
  tenantId = restoreTenantId(`t${tenants}`);
});

const store = () => ({ s3: stores.s3, bucket: stores.ref('DataBucket') });
const put = (name: string, Body: string) =>
  stores.s3.send(new PutObjectCommand({ Bucket: store().bucket, Key: `${tenantId}/${name}`, Body }));
const episode = (id: string): string => `{"resourceType":"EpisodeOfCare","id":"${id}"}\n`;
const load = (text: string) =>
  loadDataSet(store(), tenantId, [createBytesInput('a.ndjson', Buffer.from(text))], '2026-04-16T00:00:00Z');
const texts = async (): Promise<readonly string[]> => {
  const request = { Bucket: store().bucket, Prefix: `${tenantId}/` };
  const { Contents = [] } = await stores.s3.send(new ListObjectsV2Command(request));
  const read = Contents.map(async ({ Key }) => {
    const { Body } = await stores.s3.send(new GetObjectCommand({ Bucket: store().bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  });
  return Promise.all(read);
};
const look = (now: number, latest?: Partial<Import>) =>
  lookForForgettable(store(), tenantId, latest && ({ previous: [], ...latest } as Import), now);
const inMinutes = (minutes: number): number => Date.now() + minutes * minute;

test('nothing of an earlier load, of an import or of another tool is left; the data set in use is', async () => {
  await load(episode('forget-me'));
  const [failed, before] = [randomIds.sortableUuid(Date.now()), randomIds.sortableUuid(Date.now())];
  await put(`imports/${failed}/0001-a.ndjson.gz`, 'forget-me');
  await put(`imports/${before}/0001-a.ndjson.gz`, 'forget-me');
  await put('by-hand/EpisodeOfCare.ndjson', 'forget-me');
  const { output } = await load(episode('stays'));
  const ended = Date.now();
  const previous = [{ importId: before, state: 'CANCELLED', begun: ended, ended }] as const;
  const latest = { importId: failed, state: 'FAILED', ended, previous } as const;
  const found = await look(inMinutes(16), latest);
  expect(found).toMatchObject({ left: 0 });
  expect(found.objects).toHaveLength(5);
  await forget(store(), found, inMinutes(16));
  const left = await texts();
  expect(left.join('')).not.toContain('forget-me');
  expect(left.filter((text) => text === episode('stays'))).toHaveLength(1);
  expect(left.filter((text) => text.includes(output[0]?.url ?? '?'))).toHaveLength(2);
  expect((await look(inMinutes(16))).objects).toEqual([]);
});

test('looking changes nothing, and nothing is forgotten within a quarter of an hour: a report may still be made from it', async () => {
  await load(episode('a'));
  await load(episode('b'));
  const found = await look(inMinutes(14));
  await expect(forget(store(), found, inMinutes(14))).rejects.toThrow(/^Nothing was forgotten: until 2\S+Z a report/);
  expect(await texts()).toHaveLength(5);
});

test.each<[string, Partial<Import>, RegExp]>([
  ['is under way', { state: 'FILES', due: 1 }, /an import of t\d is under way/],
  ['is not tidied up', { state: 'FAILED', due: 1, ended: 1 }, /or not tidied up yet/],
])('nothing is looked for while an import %s', async (_case, latest, message) => {
  await load(episode('a'));
  await expect(look(inMinutes(16), latest)).rejects.toThrow(message);
});

test('an importer of an import that was called off may be at it for a quarter of an hour', async () => {
  await load(episode('a'));
  const ended = inMinutes(10);
  expect(await look(inMinutes(16), { state: 'CANCELLED', ended })).toMatchObject({ from: ended + 15 * minute });
  expect((await look(inMinutes(16), { state: 'DONE', ended })).from).toBeLessThan(inMinutes(16));
});

test('where no report can be made from the data set in use, nothing is forgotten', async () => {
  await expect(look(inMinutes(16))).rejects.toThrow('has no data set in use');
  await put(
    'manifest.json',
    '{"transactionTime":"2026-04-16T00:00:00Z","output":[{"type":"EpisodeOfCare","url":"a"}]}',
  );
  await expect(look(inMinutes(16))).rejects.toThrow('lacks t');
  await put('manifest.json', 'no manifest');
  await put('a', 'x');
  await expect(look(inMinutes(16))).rejects.toThrow('no report can be made from the data set in use (manifest.json:');
});

test('while the cut-off of the data set in use is to come, so that none is made from it, the one before is not forgotten', async () => {
  await load(episode('good'));
  const names = (await load(episode('ahead'))).output.map(({ type, url }) => ({ type, url }));
  await put('manifest.json', JSON.stringify({ transactionTime: '2999-01-01T00:00:00Z', output: names, error: [] }));
  await expect(look(inMinutes(16))).rejects.toThrow(
    'no report can be made from the data set in use (its cut-off, 2999-01-01T00:00:00Z, is in the future)',
  );
});
