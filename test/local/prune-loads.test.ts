import { expect, test } from 'vitest';
import type { ManifestInUse } from '../../local/manifest-in-use.ts';
import { findUnneededFiles } from '../../local/prune-loads.ts';
import type { StoredObject } from '../../local/stored-objects.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const hour = 3_600_000;
const ago = (hours: number): number => sampleTime - hours * hour;
const object = (name: string, hours: number): StoredObject => ({
  key: `demo/${name}`,
  written: ago(hours),
  bytes: 1,
  kind: 'current',
});
const replacedManifest = (
  hours: number,
  names: readonly string[],
  own: Partial<ManifestInUse> = {},
): ManifestInUse => ({
  written: ago(hours),
  text: '{}',
  etag: '"1"',
  transactionTime: '2026-01-01T00:00:00Z',
  keys: new Set(names.map((name) => `demo/${name}`)),
  ...own,
});
const objects = [
  object('manifest.json', 0),
  object('new/a', 0),
  object('before/a', 30),
  object('old/a', 60),
  object('old/b', 60),
  object('imports/0198-x/a', 60),
  object('uploading/a', 23),
];
const find = (replaced: ManifestInUse | undefined) =>
  findUnneededFiles(demoTenant, objects, { current: new Set(['demo/new/a']), replaced, now: sampleTime }).map(
    ({ key }) => key,
  );

test('what neither the data set in use names nor the one just replaced goes, if it is older than a day', () => {
  expect(find(replacedManifest(30, ['before/a']))).toEqual(['demo/old/a', 'demo/old/b']);
});

test('nothing goes while the one just replaced was itself new: what it replaced may still be read', () => {
  expect(find(replacedManifest(23, ['before/a']))).toEqual([]);
  expect(find(replacedManifest(24, ['before/a']))).toHaveLength(2);
});

test('nothing goes where it cannot be told what the one just replaced names', () => {
  expect(find(replacedManifest(30, [], { transactionTime: undefined }))).toEqual([]);
});

test('where there was none before, what is older than a day was left by loads that broke off', () => {
  expect(find(undefined)).toEqual(['demo/before/a', 'demo/old/a', 'demo/old/b']);
});

test("nothing of another tenant's goes", () => {
  const over = { current: new Set<string>(), replaced: undefined, now: sampleTime };
  expect(findUnneededFiles(demoTenant, [{ ...object('a', 60), key: 'demo-2/a' }], over)).toEqual([]);
});
