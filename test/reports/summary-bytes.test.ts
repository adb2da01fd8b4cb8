import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GeneratedReport } from '../../functions/reports/report-definition.ts';
import { readSummary, writeSummary } from '../../functions/reports/summary-bytes.ts';

const fingerprint = 'f'.repeat(64);
const summary: GeneratedReport = {
  entries: [{ path: 'a/b', content: { PatientsUsageSummary: { monthData: [1.5, '\u2028 æ'] } } }],
  provenance: { files: [{ name: 'a.ndjson', bytes: 1 }], 10: 'ten', episodes: 2 },
  episodes: 2,
};
const written = writeSummary(fingerprint, summary);

/** As it would be written with other JSON in it. */
const withJson = (json: string | Uint8Array): Uint8Array => {
  const hash = createHash('sha256').update(json).digest('hex');
  return Buffer.concat([Buffer.from(`summary 1 ${fingerprint} ${hash}\n`), Buffer.from(json)]);
};

describe('a kept summary', () => {
  test('is read as it was written, to the byte, whatever JSON it holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ path: fc.string(), content: fc.jsonValue() })),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.nat(),
        (entries, provenance, episodes) => {
          const given = { entries, provenance, episodes };
          const read = readSummary(fingerprint, writeSummary(fingerprint, given));
          expect(JSON.stringify(read)).toBe(JSON.stringify(given));
        },
      ),
      { seed: 20_261_128, numRuns: 300 },
    );
  });
  test('is one line that says what it is, and then JSON', () => {
    const [head, json = ''] = Buffer.from(written).toString().split('\n');
    expect(head).toBe(`summary 1 ${fingerprint} ${createHash('sha256').update(json).digest('hex')}`);
    expect(JSON.parse(json)).toEqual(summary);
  });
  test('is read also where it lies within a larger buffer', () => {
    const around = Buffer.concat([Buffer.alloc(7, 1), written, Buffer.alloc(9, 2)]);
    expect(readSummary(fingerprint, around.subarray(7, 7 + written.length))).toEqual(summary);
  });
});

describe('counts as not kept', () => {
  test('cut anywhere', () => {
    for (let length = 0; length < written.length; length += 1) {
      expect(readSummary(fingerprint, written.subarray(0, length))).toBeUndefined();
    }
  });
  test('with any one bit changed', () => {
    for (let at = 0; at < written.length; at += 1) {
      const damaged = Uint8Array.from(written);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      expect(readSummary(fingerprint, damaged)).toBeUndefined();
    }
  });
  test.each([
    ['with something after it', Buffer.concat([written, Buffer.from(' ')])],
    ['empty', new Uint8Array()],
    ['not ours at all', Buffer.from('{"entries":[],"provenance":{},"episodes":0}')],
    ['of a later form', Buffer.from(Buffer.from(written).toString().replace('summary 1', 'summary 2'))],
    ['not an object', withJson('null')],
    ['without its entries', withJson('{"provenance":{},"episodes":0}')],
    ['with an entry that has no content', withJson('{"entries":[{"path":"a"}],"provenance":{},"episodes":0}')],
    ['with a number of episodes that is none', withJson('{"entries":[],"provenance":{},"episodes":-1}')],
    ['not JSON', withJson('{')],
    ['not UTF-8', withJson(Buffer.from([0xff]))],
  ])('%s', (_, bytes) => {
    expect(readSummary(fingerprint, bytes)).toBeUndefined();
  });
  test('kept under another fingerprint', () => {
    expect(readSummary('e'.repeat(64), written)).toBeUndefined();
  });
});
