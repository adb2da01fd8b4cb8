import { describe, expect, test } from 'vitest';
import { CommandError } from '../../local/command-line.ts';
import { adoptRecord, describeOtherRegion, pickRecord, writeExport } from '../../local/tenant-export.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const records = [tenantRecord('one', { night: { from: '02:00' } }), tenantRecord('two', { revision: 3 })];
const exported = writeExport(records);

test('an export has one record a line, which differs only where the record does', () => {
  expect(exported.split('\n')).toHaveLength(3);
  const reversed = records.map((record) => Object.fromEntries(Object.entries(record).reverse()));
  expect(writeExport(reversed)).toBe(exported);
  expect(writeExport([])).toBe('');
});

test('each record of an export is read as it was', () => {
  expect(pickRecord(exported, 'f', 'one')).toEqual(records[0]);
  expect(pickRecord(exported, 'f', 'two')).toEqual(records[1]);
});

test('a single record needs no name, on however many lines', () => {
  expect(pickRecord(JSON.stringify(records[0], undefined, 2), 'f')).toEqual(records[0]);
  expect(pickRecord(writeExport(records.slice(0, 1)), 'f')).toEqual(records[0]);
  expect(pickRecord(JSON.stringify(records[0]), 'f', 'one')).toEqual(records[0]);
});

test.each([
  ['several, of which none is named', exported, undefined, 'f: has 2 records (one, two); --only says which.'],
  ['one that is not there', exported, 'three', 'f: has no record of three; there are one, two.'],
  ['one that is there twice', exported + exported, 'one', '--only says which'],
  ['an export that was cut off', exported.slice(0, -5), 'one', 'f: has to be one JSON object'],
  ['a list', JSON.stringify(records), 'one', 'f: has to be one JSON object'],
  ['nothing', '', undefined, 'f: has to be one JSON object'],
])('%s is refused', (_what, text, only, message) => {
  expect(() => pickRecord(text, 'f', only)).toThrow(CommandError);
  expect(() => pickRecord(text, 'f', only)).toThrow(message);
});

describe('a record of another table', () => {
  const north = { ...tenantRecord('one'), region: 'eu-north-1' };
  const regionBaseUrl = 'https://west.example/fhir';

  test.each([
    ['of another region', { region: 'eu-west-1' }],
    ['without a region', { region: undefined }],
    ['of this region, to which the other one sent its users', { regionBaseUrl }],
  ])('%s becomes one of this region, with nothing that counted only there', (_case, members) => {
    expect(adoptRecord({ ...north, ...members, revision: 7 }, 'eu-north-1', false)).toEqual(north);
  });

  test('of another region is to be closed there, and it says so', () => {
    expect(describeOtherRegion({ ...north, region: 'eu-west-1' }, 'eu-north-1')).toMatch(
      /^It was of eu-west-1 .* name eu-north-1 from now on: else both serve it\.\n$/,
    );
    expect(describeOtherRegion(north, 'eu-north-1') + describeOtherRegion(tenantRecord('one'), 'eu-north-1')).toBe('');
  });

  test('whose tenant has moved elsewhere is not taken back unseen: two regions would serve it', () => {
    const moved = { ...north, region: 'eu-west-1', regionBaseUrl, revision: 7 };
    const { revision: _counted, ...kept } = moved;
    expect(() => adoptRecord(moved, 'eu-north-1', false)).toThrow(
      'Nothing was written: this record says that one has moved to eu-west-1 (regionBaseUrl). --adopt --elsewhere',
    );
    expect(adoptRecord(moved, 'eu-north-1', true)).toEqual(kept);
  });
});
