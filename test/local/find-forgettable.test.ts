import { expect, test } from 'vitest';
import { randomIds } from '../../functions/platform/ids.ts';
import { findForgettable } from '../../local/find-forgettable.ts';
import type { ManifestInUse } from '../../local/manifest-in-use.ts';
import type { StoredObject } from '../../local/stored-objects.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const hour = 3_600_000;
const ago = (hours: number): number => sampleTime - hours * hour;
const importId = '0198a0b0-0000-7000-8000-000000000000';
const inUse: ManifestInUse = {
  written: ago(2),
  etag: '"1"',
  text: JSON.stringify({
    transactionTime: '2026-01-01T00:00:00Z',
    request: `urn:uuid:${importId}`,
    output: [{ type: 'EpisodeOfCare', url: 'set/a' }],
  }),
  transactionTime: '2026-01-01T00:00:00Z',
  keys: new Set(['demo/set/a']),
};
const version = (name: string, hours: number, kind: StoredObject['kind'], versionId = `${name}-${hours}`) =>
  ({ key: `demo/${name}`, versionId, written: ago(hours), bytes: 1, kind }) satisfies StoredObject;
const findAfter = (over: readonly string[], ...objects: StoredObject[]) => {
  const found = findForgettable(demoTenant, objects, inUse, { now: sampleTime, over: new Set(over) });
  return { left: found.left, ids: found.objects.map(({ versionId }) => versionId) };
};
const find = (...objects: StoredObject[]) => findAfter([], ...objects);

test('the manifest in use, what it names, and the copy of it that its import keeps stay; their older versions go', () => {
  const copy = `imports/${importId}/manifest.json`;
  const staying = [version('manifest.json', 2, 'current'), version('set/a', 3, 'current'), version(copy, 3, 'current')];
  const older = ['manifest.json', 'set/a', copy].map((name) => version(name, 50, 'older-version', `old ${name}`));
  expect(find(...staying, ...older)).toEqual({ left: 0, ids: ['old manifest.json', 'old set/a', `old ${copy}`] });
});

test('copies of the manifests of other imports go with their files', () => {
  const other = 'imports/0198a0b0-0000-7000-8000-000000000001';
  const both = [version(`${other}/manifest.json`, 50, 'current', 'm'), version(`${other}/1`, 50, 'current', 'f')];
  expect(find(...both).ids).toEqual(['m', 'f']);
});

test('what was written with the manifest goes; what is newer stays for a day, whether current or not, and is counted', () => {
  expect(
    find(version('x', 2, 'current', 'with it'), version('y', 1, 'current'), version('z', 1, 'older-version')),
  ).toEqual({
    left: 2,
    ids: ['with it'],
  });
  const late = { ...inUse, written: ago(40) };
  const found = findForgettable(demoTenant, [version('y', 24, 'current')], late, {
    now: sampleTime,
    over: new Set(),
  });
  expect(found).toMatchObject({ left: 0, objects: [{ key: 'demo/y' }] });
});

test('a delete marker goes with the last version below it, and not while one stays: that one would come back', () => {
  const gone = [version('x', 1, 'delete-marker', 'marker'), version('x', 50, 'older-version', 'below')];
  expect(find(...gone).ids).toEqual(['marker', 'below']);
  const stays = [version('y', 1, 'delete-marker', 'marker'), version('y', 1.5, 'older-version', 'below')];
  expect(find(...stays)).toEqual({ left: 1, ids: [] });
});

const folderBegun = (hours: number): string => `imports/${randomIds.sortableUuid(ago(hours))}`;

test('what a load has stored before the manifest in use was written stays for a day: its own manifest comes last', () => {
  const [underWay, brokenOff] = [folderBegun(23), folderBegun(24)];
  const files = [version(`${underWay}/1`, 3, 'current'), version(`${underWay}/2`, 3, 'older-version')];
  expect(find(...files, version(`${brokenOff}/1`, 3, 'current', 'old'))).toEqual({ left: 2, ids: ['old'] });
});

test('what was in use goes however new it is, and so does what an import that is over has left', () => {
  const replaced = folderBegun(4);
  const copy = version(`${replaced}/manifest.json`, 4, 'delete-marker', 'marker');
  expect(find(version(`${replaced}/1`, 4, 'current', 'file'), copy)).toEqual({ left: 0, ids: ['file', 'marker'] });
  const failed = folderBegun(4);
  const file = version(`${failed}/1`, 4, 'older-version', 'of it');
  expect(findAfter([failed.slice('imports/'.length)], file)).toEqual({ left: 0, ids: ['of it'] });
});
