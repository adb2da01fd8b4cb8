import { describe, expect, test } from 'vitest';
import {
  continueHistory,
  type DataSetHistory,
  lastUse,
  readHistory,
  writeExtension,
} from '../../functions/imports/data-set-history.ts';
import { sampleTime } from '../support/sample-job.ts';

const minute = 60_000;
const hour = 60 * minute;
const history: DataSetHistory = { since: sampleTime - 99 * hour, until: new Map([['a', sampleTime - hour]]) };
const textOf = (published: number) => JSON.stringify({ output: [], extension: writeExtension({ published, history }) });
const manifest = (modified: number, text = textOf(sampleTime)) => ({ etag: '"1"', text, modified });

describe('what was in use is told by the manifest', () => {
  test('for as long as it is where its import put it', () => {
    for (const late of [-1, 0, 6]) expect(readHistory(manifest(sampleTime + late * minute))).toEqual(history);
  });

  test('and not once somebody has put it back there', () => {
    for (const late of [-minute - 1, 6 * minute + 1, 7 * minute, 99 * hour]) {
      const unknown = { since: sampleTime + late, until: new Map() };
      expect(readHistory(manifest(sampleTime + late))).toEqual(unknown);
    }
  });

  test.each([
    '',
    '[]',
    '{"output":[]}',
    '{"extension":{"fhirVersion":"4.0.1"}}',
    textOf(sampleTime).replace('2026', 'in spring'),
    textOf(sampleTime).replaceAll('"until"', '"till"'),
  ])('and not by one that somebody loaded by hand, or a version before wrote: %s', (text) => {
    expect(readHistory(manifest(sampleTime, text))).toEqual({ since: sampleTime, until: new Map() });
  });

  test('without one, nothing was', () => {
    expect(readHistory(undefined)).toEqual({ since: 0, until: new Map() });
  });
});

test('what is replaced was in use for as long as the run that replaces it may last; what is past the grace is forgotten', () => {
  const until = new Map([
    ['a', sampleTime - 24 * hour],
    ['b', sampleTime - 24 * hour + 1],
  ]);
  const next = continueHistory({ since: 7, until }, new Set(['c']), { now: sampleTime, grace: 24 * hour });
  const wanted = new Map([
    ['b', sampleTime - 24 * hour + 1],
    ['c', sampleTime + 15 * minute],
  ]);
  expect(next).toEqual({ published: sampleTime, history: { since: 7, until: wanted } });
});

test('an import may have been in use until the history begins, or until it was replaced', () => {
  expect([lastUse(history, 'a'), lastUse(history, 'b')]).toEqual([sampleTime - hour, sampleTime - 99 * hour]);
});
