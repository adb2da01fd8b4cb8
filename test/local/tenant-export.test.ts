import { expect, test } from 'vitest';
import { CommandError } from '../../local/command-line.ts';
import { adoptRecord, pickRecord, writeExport } from '../../local/tenant-export.ts';
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

test('a record of another table becomes one of this region, with nothing that counted only there', () => {
  const there = { ...tenantRecord('one'), region: 'eu-west-1', regionBaseUrl: 'https://x.example/fhir', revision: 7 };
  expect(adoptRecord(there, 'eu-north-1')).toEqual({ ...tenantRecord('one'), region: 'eu-north-1' });
});
