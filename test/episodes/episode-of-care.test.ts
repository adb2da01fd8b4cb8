import { describe, expect, test } from 'vitest';
import { readEpisode } from '../../functions/episodes/episode-of-care.ts';
import { parseDateTime } from '../../functions/episodes/fhir-date-time.ts';

const patient = { reference: 'https://patient.example/fhir/Patient/1' };
const start = '2023-04-01T10:00:00+00:00';
const end = '2023-05-01T10:00:00+00:00';

const read = (resource: unknown) => readEpisode(Buffer.from(JSON.stringify(resource)));
const readWith = (members: object) => read({ resourceType: 'EpisodeOfCare', status: 'finished', patient, ...members });

describe('rule 1: the patient', () => {
  test('is the reference as it stands', () => {
    expect(readWith({})).toEqual({ patient: patient.reference, intervals: [] });
  });

  test.each([
    ['Patient/1/_history/2', 'Patient/1'],
    ['https://a.example/fhir/Patient/1/_history/abc-1.2', 'https://a.example/fhir/Patient/1'],
    ['Patient/1/_history/2/x', 'Patient/1/_history/2/x'],
    ['Patient/_history', 'Patient/_history'],
    [' Patient/1', ' Patient/1'],
  ])('is the reference less its version: %s', (reference, expected) => {
    expect(readWith({ patient: { reference } })).toMatchObject({ patient: expected });
  });

  test.each([
    [undefined],
    [null],
    ['Patient/1'],
    [{}],
    [{ reference: '' }],
    [{ reference: '  ' }],
    [{ reference: 7 }],
    [{ reference: '/_history/1' }],
    [{ reference: '#contained' }],
    [{ display: 'somebody' }],
    [[patient]],
  ])('is missing in %j, also when the episode counts nothing', (value) => {
    expect(readWith({ patient: value })).toBe('no patient reference');
    expect(readWith({ patient: value, status: 'entered-in-error' })).toBe('no patient reference');
  });
});

describe('rule 2: the active intervals', () => {
  test('are the active entries of the history, whatever the status is now', () => {
    const statusHistory = [
      { status: 'planned', period: { start: 'unread' } },
      { status: 'active', period: { start, end } },
      { status: 'onhold' },
      { status: 'active', period: { start: '2023-06' } },
    ];
    for (const status of ['planned', 'waitlist', 'active', 'onhold', 'finished', 'cancelled']) {
      expect(readWith({ status, statusHistory, period: { start: 'unread' } })).toEqual({
        patient: patient.reference,
        intervals: [{ start: parseDateTime(start), end: parseDateTime(end) }, { start: parseDateTime('2023-06') }],
      });
    }
  });

  test('are the period when the episode is active and its history has no active entry', () => {
    const intervals = [{ start: parseDateTime(start), end: parseDateTime(end) }];
    const statusHistory = [{ status: 'planned', period: { start } }];
    const period = { start, end };
    expect(readWith({ status: 'active', period })).toMatchObject({ intervals });
    expect(readWith({ status: 'active', period, statusHistory: [] })).toMatchObject({ intervals });
    expect(readWith({ status: 'active', period, statusHistory })).toMatchObject({ intervals });
    expect(readWith({ status: 'finished', period, statusHistory })).toMatchObject({ intervals: [] });
  });

  test('are none when the episode was entered in error, and nothing else of it is read', () => {
    const statusHistory = [{ status: 'active', period: { start: 'never' } }];
    expect(readWith({ status: 'entered-in-error', statusHistory })).toMatchObject({ intervals: [] });
    expect(readWith({ status: 'entered-in-error', statusHistory: 7 })).toMatchObject({ intervals: [] });
  });
});

describe('rule 8: a line is rejected', () => {
  test.each([
    ['{', 'not JSON'],
    ['{"a":1}{"a":2}', 'not JSON'],
    ['{"a":NaN}', 'not JSON'],
    ['null', 'not an EpisodeOfCare'],
    ['[]', 'not an EpisodeOfCare'],
    ['"EpisodeOfCare"', 'not an EpisodeOfCare'],
    ['{}', 'not an EpisodeOfCare'],
    ['{"resourceType":"Patient","patient":{"reference":"Patient/1"}}', 'not an EpisodeOfCare'],
    ['{"resourceType":["EpisodeOfCare"]}', 'not an EpisodeOfCare'],
    ['{"__proto__":{"resourceType":"EpisodeOfCare"}}', 'not an EpisodeOfCare'],
    ['\ufeff{"resourceType":"EpisodeOfCare"}', 'not JSON'],
  ])('for what it is: %s', (line, reason) => {
    expect(readEpisode(Buffer.from(line))).toBe(reason);
  });

  test.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut character', [0x22, 0xc3]],
  ])('for bytes that are not UTF-8: %s', (_, bytes) => {
    expect(readEpisode(Uint8Array.from(bytes))).toBe('not UTF-8');
  });

  test.each([
    [{ status: undefined }, 'no known status'],
    [{ status: 'Active' }, 'no known status'],
    [{ status: ['active'] }, 'no known status'],
    [{ status: 'on-hold' }, 'no known status'],
    [{ status: 'constructor' }, 'no known status'],
    [{ statusHistory: null }, 'unreadable statusHistory'],
    [{ statusHistory: { status: 'active', period: { start } } }, 'unreadable statusHistory'],
    [{ statusHistory: [null] }, 'unreadable statusHistory'],
    [{ statusHistory: [{ period: { start } }] }, 'no known status in statusHistory'],
    [{ statusHistory: [{ status: 'ACTIVE', period: { start } }] }, 'no known status in statusHistory'],
    [{ statusHistory: [{ status: 'active' }] }, 'active interval without start'],
    [{ statusHistory: [{ status: 'active', period: {} }] }, 'active interval without start'],
    [{ statusHistory: [{ status: 'active', period: { end } }] }, 'active interval without start'],
    [{ status: 'active' }, 'active interval without start'],
    [{ status: 'active', period: null }, 'unreadable date'],
    [{ status: 'active', period: [] }, 'unreadable date'],
    [{ status: 'active', period: { start: null } }, 'unreadable date'],
    [{ status: 'active', period: { start: 20_230_401 } }, 'unreadable date'],
    [{ status: 'active', period: { start: '01-04-2023' } }, 'unreadable date'],
    [{ status: 'active', period: { start, end: null } }, 'unreadable date'],
    [{ status: 'active', period: { start, end: '' } }, 'unreadable date'],
    [{ status: 'active', period: { start, end: '2023-04-31' } }, 'unreadable date'],
  ])('for a member that leaves open whether it counts: %j', (members, reason) => {
    expect(readWith(members)).toBe(reason);
  });

  test('as a whole when one of its intervals is bad', () => {
    const statusHistory = [
      { status: 'active', period: { start, end } },
      { status: 'active', period: { start: 'x' } },
    ];
    expect(readWith({ statusHistory })).toBe('unreadable date');
  });
});

test('white space and carriage returns around the JSON are fine', () => {
  const line = `  {"resourceType":"EpisodeOfCare","status":"planned","patient":{"reference":"p"}}\t\r`;
  expect(readEpisode(Buffer.from(line))).toEqual({ patient: 'p', intervals: [] });
});
