import { describe, expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { createEpisodeScanner } from '../../functions/episodes/scan-episode.ts';
import { unusual } from '../../functions/episodes/skip-json.ts';

const scanner = createEpisodeScanner();

/** What the scanner finds in a line, as texts. */
const scan = (line: string | Uint8Array) => {
  const bytes = Buffer.from(line);
  const text = byteTextOf(bytes);
  const end = scanner.scan(text, 0);
  if (end === unusual) return 'unusual';
  expect(end).toBe(bytes.length);
  const { id, patient, intervals, dates } = scanner.episode;
  const textAt = (from: number | undefined, to: number | undefined) =>
    from === unusual ? undefined : text.bytes.toString('utf8', from, to);
  const periods = Array.from({ length: intervals }, (_, at) => [
    textAt(dates[4 * at], dates[4 * at + 1]),
    textAt(dates[4 * at + 2], dates[4 * at + 3]),
  ]);
  return { id: textAt(id.from, id.to), patient: textAt(patient.from, patient.to), periods };
};

const episode = { resourceType: 'EpisodeOfCare', status: 'finished', patient: { reference: 'Patient/1' } };
const scanWith = (members: object) => scan(JSON.stringify({ ...episode, ...members }));
const found = { id: undefined, patient: 'Patient/1', periods: [] };
const active = (start: string, end?: string) => ({ status: 'active', period: { start, end } });

describe('what counts', () => {
  test('is found in any order of members and with any white space', () => {
    const statusHistory = [{ status: 'planned', period: { start: 'x' } }, active('a', 'b'), active('c')];
    const expected = {
      id: '7',
      patient: 'Patient/1',
      periods: [
        ['a', 'b'],
        ['c', undefined],
      ],
    };
    const members = { ...episode, id: '7', statusHistory, extension: [{ status: 'active', patient: 1, id: 2 }] };
    expect(scan(JSON.stringify(members))).toEqual(expected);
    const reversed = Object.fromEntries(Object.entries(members).reverse());
    expect(scan(JSON.stringify(reversed, undefined, 2).replaceAll('\n', '\r'))).toEqual(expected);
    expect(scan(` \t${JSON.stringify(reversed)} \r`)).toEqual(expected);
  });

  test('is the period of an active episode without active history, and nothing of one entered in error', () => {
    const period = { start: 'p', end: 'q' };
    expect(scanWith({ status: 'active', period })).toEqual({ ...found, periods: [['p', 'q']] });
    expect(scanWith({ status: 'active', period, statusHistory: [active('a')] })).toMatchObject({
      periods: [['a', undefined]],
    });
    expect(scanWith({ status: 'entered-in-error', period, statusHistory: [active('a')] })).toEqual(found);
    expect(scanWith({ period })).toEqual(found);
  });

  test.each([
    ['Patient/1/_history/2', 'Patient/1'],
    ['https://a.example/fhir/Patient/1/_history/abc', 'https://a.example/fhir/Patient/1'],
    ['Patient/1/_history/', 'Patient/1'],
    ['Patient/1/_history/2/x', 'Patient/1/_history/2/x'],
    ['Patient/_history', 'Patient/_history'],
    ['Patient/æ', 'Patient/æ'],
    ['Patient/01', 'Patient/01'],
  ])('is the patient without a version: %s', (reference, patient) => {
    expect(scanWith({ patient: { reference } })).toMatchObject({ patient });
  });

  test('is not taken from members whose names are as long as those of interest', () => {
    const foreign = { period: { start: 'a', eee: 'x', startx: 'y' }, status: 'active' };
    expect(scanWith(foreign)).toEqual({ ...found, periods: [['a', undefined]] });
    expect(scanWith({ ...foreign, period: { sssss: 'x', start: 'a' } })).toEqual({
      ...found,
      periods: [['a', undefined]],
    });
    expect(scanWith({ patient: { rrrrrrrrr: 'Patient/2', reference: 'Patient/1' } })).toEqual(found);
    expect(scanWith({ patient: { rrrrrrrrr: 'Patient/2' } })).toBe('unusual');
    const entry = { ssssss: 'active', pppppp: { start: 'x' }, ...active('a') };
    const others = {
      xx: 'i',
      ssssss: 'active',
      pppppp: { start: 'p' },
      ppppppp: { reference: 'Patient/2' },
      rrrrrrrrrrrr: 'Patient',
    };
    expect(scanWith({ ...others, sssssssssssss: [active('b')], statusHistory: [entry] })).toEqual({
      ...found,
      periods: [['a', undefined]],
    });
  });

  test.each(['0', '9', 'a', 'z', 'A', 'Z'])('is a patient whose reference begins with %s', (first) => {
    expect(scanWith({ patient: { reference: first } })).toMatchObject({ patient: first });
  });

  test.each(['/', ':', '@', '[', '`', '{', ''])('is left to JSON.parse where it begins with %o', (first) => {
    expect(scanWith({ patient: { reference: `${first}` } })).toBe('unusual');
  });

  test('is not disturbed by members of the same names elsewhere, nor by text beyond ASCII', () => {
    const noise = { contained: [{ ...episode, status: 7, id: 'other' }], text: { div: 'Ærø 😀' }, __proto__: null };
    expect(
      scanWith({ ...noise, patient: { display: 'æ', reference: 'Patient/1', identifier: { reference: 'x' } } }),
    ).toEqual(found);
  });
});

describe('a line is left to JSON.parse', () => {
  test.each([
    ['an escape', '{"resourceType":"EpisodeOfCare","status":"finished","patient":{"reference":"Patient\\/1"}}'],
    [
      'an escaped key',
      '{"resourceType":"EpisodeOfCare","st\\u0061tus":"finished","patient":{"reference":"Patient/1"}}',
    ],
    ['something behind it', `${JSON.stringify(episode)}x`],
    ['something before it', `\ufeff${JSON.stringify(episode)}`],
    ['an end that is not there', JSON.stringify(episode).slice(0, -1)],
    ['nothing', ''],
  ])('for %s', (_, line) => {
    expect(scan(line)).toBe('unusual');
  });

  test.each(['id', 'status', 'resourceType', 'patient', 'statusHistory', 'period'])(
    'for two members named %s',
    (name) => {
      const line = JSON.stringify({ ...episode, id: '1', statusHistory: [active('a')], period: { start: 'a' } });
      const member = JSON.stringify({ [name]: JSON.parse(line)[name] }).slice(1, -1);
      expect(scan(line)).not.toBe('unusual');
      expect(scan(`{${member},${line.slice(1)}`)).toBe('unusual');
    },
  );

  test.each([
    [{ resourceType: 'Patient' }],
    [{ resourceType: 'EpisodeOfCarf' }],
    [{ status: 'Active' }],
    [{ status: null }],
    [{ status: undefined }],
    [{ id: 7 }],
    [{ patient: 'Patient/1' }],
    [{ patient: {} }],
    [{ patient: { reference: '' } }],
    [{ patient: { reference: '#p' } }],
    [{ patient: { reference: ' ' } }],
    [{ patient: { reference: '/_history/1' } }],
    [{ patient: { reference: '\u00a0' } }],
    [{ status: 'active' }],
    [{ status: 'active', period: { end: 'x' } }],
    [{ statusHistory: {} }],
    [{ statusHistory: [7] }],
    [{ statusHistory: [{ status: 'odd' }] }],
    [{ statusHistory: [{ status: 'active' }] }],
    [{ statusHistory: [{ status: 'active', period: { start: 7 } }] }],
    [{ statusHistory: Array.from({ length: 65 }, () => active('a')) }],
  ])('for %j', (members) => {
    expect(scanWith(members)).toBe('unusual');
  });

  test('for bytes that are not UTF-8', () => {
    const line = Buffer.from(JSON.stringify({ ...episode, text: 'xx' }));
    for (const bytes of [[0x80], [0xc0, 0xaf], [0xed, 0xa0], [0xc3]]) {
      const damaged = Buffer.from(line);
      damaged.set(bytes, line.indexOf('xx'));
      expect(scan(damaged)).toBe('unusual');
    }
  });
});
