import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { parseManifest } from '../../functions/episodes/manifest.ts';
import { serviceError } from '../support/service-error.ts';

const transactionTime = '2026-04-16T09:00:00.000+02:00';
const output = [{ type: 'EpisodeOfCare', url: 'EpisodeOfCare-1.ndjson' }];

const parse = (manifest: unknown, limits = defaultLimits) =>
  parseManifest(Buffer.from(JSON.stringify(manifest)), limits);
const parseOutput = (entry: object) => parse({ transactionTime, output: [{ type: 'EpisodeOfCare', ...entry }] });

describe('a manifest', () => {
  test('of a Bulk Data export gives the cut-off and the files with episodes, in its order', () => {
    const manifest = {
      transactionTime,
      request: 'https://example.test/fhir/$export?_type=EpisodeOfCare,Patient',
      requiresAccessToken: true,
      output: [
        { type: 'EpisodeOfCare', url: 'b.ndjson.gz', count: 12 },
        { type: 'Patient', url: 'https://example.test/not/read' },
        { type: 'EpisodeOfCare', url: 'run 7/type=EpisodeOfCare/æ.ndjson', extension: { 'https://a.example': true } },
        { type: 'EpisodeOfCare', url: 'a', extension: { bytes: 7, sha256: '0'.repeat(64) } },
      ],
      deleted: [{ type: 'Bundle', url: 'deleted.ndjson' }],
      error: [],
      link: [{ relation: 'self', url: 'manifest.json' }],
      extension: { anything: null },
    };
    expect(parse(manifest)).toEqual({
      transactionTime,
      files: [
        { name: 'b.ndjson.gz', count: 12 },
        { name: 'run 7/type=EpisodeOfCare/æ.ndjson' },
        { name: 'a', bytes: 7, sha256: '0'.repeat(64) },
      ],
    });
  });

  test('may have a byte order mark, and no episodes', () => {
    const text = `\ufeff${JSON.stringify({ transactionTime, output: [] })}`;
    expect(parseManifest(Buffer.from(text), defaultLimits)).toEqual({ transactionTime, files: [] });
  });

  test.each([
    ['', 'manifest.json: not JSON in UTF-8'],
    ['{', 'manifest.json: not JSON in UTF-8'],
    ['[]', 'manifest.json: transactionTime is missing or not usable'],
    ['null', 'manifest.json: the whole is missing or not usable'],
    ['7', 'manifest.json: the whole is missing or not usable'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'manifest.json: transactionTime is missing or not usable'],
  ])('that is none is malformed: %.20s', (text, cause) => {
    expect(() => parseManifest(Buffer.from(text), defaultLimits)).toThrow(
      serviceError('DATA_SET_MALFORMED', cause) as Error,
    );
  });

  test('that is not UTF-8 is malformed', () => {
    expect(() => parseManifest(Uint8Array.of(0x22, 0xff, 0x22), defaultLimits)).toThrow(/not JSON in UTF-8/);
  });

  test.each<[object, string]>([
    [{ output }, 'transactionTime'],
    [{ output, transactionTime: '2026-04-16' }, 'transactionTime'],
    [{ output, transactionTime: '2026-04-31T00:00:00Z' }, 'transactionTime'],
    [{ output, transactionTime: 1_776_000_000 }, 'transactionTime'],
    [{ transactionTime }, 'output'],
    [{ transactionTime, output: {} }, 'output'],
    [{ transactionTime, output: [null] }, 'output.0'],
    [{ transactionTime, output: [{ url: 'a' }] }, 'output.0.type'],
    [{ transactionTime, output: [...output, { type: 'EpisodeOfCare' }] }, 'output.1.url'],
    [{ transactionTime, output: [{ ...output[0], count: -1 }] }, 'output.0.count'],
    [{ transactionTime, output: [{ ...output[0], count: '7' }] }, 'output.0.count'],
    [{ transactionTime, output: [{ ...output[0], count: 1.5 }] }, 'output.0.count'],
    [{ transactionTime, output: [{ ...output[0], extension: { bytes: '7' } }] }, 'output.0.extension.bytes'],
    [{ transactionTime, output: [{ ...output[0], extension: { sha256: 'ABC' } }] }, 'output.0.extension.sha256'],
    [{ transactionTime, output, error: 'none' }, 'error'],
  ])('with a member that cannot be used is malformed, and the member is named: %j', (manifest, member) => {
    expect(() => parse(manifest)).toThrow(
      serviceError('DATA_SET_MALFORMED', `manifest.json: ${member} is missing or not usable`) as Error,
    );
  });

  test.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    '../other-tenant/a',
    'a/../b',
    'a/./b',
    'a\\b',
    'https://example.test/a.ndjson',
    's3://bucket/a.ndjson',
    'file:a',
    'a\nb',
    'a\u0000b',
    'a\u009bb',
    'a\u2028b',
    'a\u202eb',
    'x'.repeat(513),
  ])('must name keys below its own prefix: %j', (url) => {
    expect(() => parseOutput({ url })).toThrow(
      serviceError(
        'DATA_SET_MALFORMED',
        "manifest.json: output.0.url is not a key below the manifest's own prefix",
      ) as Error,
    );
  });

  test('must not name a file twice', () => {
    expect(() => parse({ transactionTime, output: [...output, ...output] })).toThrow(
      serviceError('DATA_SET_MALFORMED', 'manifest.json: the same url stands in two outputs') as Error,
    );
  });

  test('of an export that reported errors is not used', () => {
    const error = [{ type: 'OperationOutcome', url: 'errors.ndjson' }];
    expect(() => parse({ transactionTime, output, error })).toThrow(
      serviceError('DATA_SET_INCOMPLETE', /^manifest\.json: the export reported errors/) as Error,
    );
  });

  test('with further pages is not used', () => {
    const link = [{ relation: 'next', url: 'manifest-2.json' }];
    expect(() => parse({ transactionTime, output, link })).toThrow(serviceError('DATA_SET_INCOMPLETE') as Error);
  });

  test('has a limited number of outputs', () => {
    const limits = { ...defaultLimits, outputs: 2 };
    const outputs = ['a', 'b', 'c'].map((url) => ({ type: 'Patient', url }));
    expect(parse({ transactionTime, output: outputs.slice(1) }, limits).files).toEqual([]);
    expect(() => parse({ transactionTime, output: outputs }, limits)).toThrow(
      serviceError('DATA_SET_TOO_LARGE', 'manifest.json: more than 2 outputs') as Error,
    );
  });
});
