import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { skipString, skipValue, unusual } from '../../functions/episodes/skip-json.ts';

/** The position after the value that a line begins with; a line of which not all is that value gives less than its length. */
const skip = (line: string | Uint8Array): number => skipValue(byteTextOf(Buffer.from(line)), 0);

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('a value', () => {
  test('is skipped to its end, whatever it is and however it is spaced', () => {
    const spaced = fc.constantFrom('', ' ', '\t', ' \r ');
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), spaced, (json, space) => {
        const text = JSON.stringify(JSON.parse(json), undefined, 1).replaceAll('\n', space);
        expect(skip(text)).toBe(text.includes('\\') ? unusual : Buffer.byteLength(text));
      }),
    );
  });

  test('that is damaged in one character is skipped as a whole only where it still is JSON', () => {
    const drawn = fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...'"\\{}[],:.0-+eE1tfn \u0001a'));
    let skipped = 0;
    fc.assert(
      fc.property(drawn, ([json, at, character]) => {
        const from = at % json.length;
        for (const text of [
          json.slice(0, from) + character + json.slice(from + 1),
          json.slice(0, from) + json.slice(from + 1),
          json.slice(0, from) + character + json.slice(from),
          json.slice(0, from),
        ]) {
          const isWhole = skip(text) === Buffer.byteLength(text);
          skipped += isWhole ? 1 : 0;
          if (isWhole) expect(isJson(text), text).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(skipped).toBeGreaterThan(100);
  });

  test.each(['0', '-0', '10', '0.5', '-1.25e10', '1E-2', '1e+2', 'true', 'false', 'null', '""', '[]', '{}', '[ ]'])(
    'may be %s',
    (text) => {
      expect(skip(text)).toBe(text.length);
    },
  );

  test.each([
    '-',
    '.5',
    '1.',
    '1e',
    '1e+',
    '+1',
    'tru',
    'fals',
    'nul',
    '[1,]',
    '{"a":}',
    '{"a"}',
    '{,}',
    '[,1]',
    '{"a":1,}',
    '"',
    '"\t"',
    '[1}',
    '{"a":1]',
  ])('is unusual where JSON has nothing like it: %s', (text) => {
    expect(skip(text)).toBe(unusual);
  });

  test('ends where more would be no number, so that what follows is looked at by the caller', () => {
    expect([skip('01'), skip('1x'), skip('truex')]).toEqual([1, 1, 4]);
  });

  test('nested in more than thirty others is unusual', () => {
    expect(skip(`${'['.repeat(31)}${']'.repeat(31)}`)).toBe(62);
    expect(skip(`${'['.repeat(32)}${']'.repeat(32)}`)).toBe(unusual);
    expect(skip(`${'[{"a":'.repeat(20)}1${'}]'.repeat(20)}`)).toBe(unusual);
  });
});

describe('a string', () => {
  test('of any length is found to its closing quote, wherever it lies', () => {
    for (let length = 0; length < 20; length += 1) {
      for (let before = 0; before < 5; before += 1) {
        const text = byteTextOf(Buffer.from(`${'x'.repeat(before)}${'a'.repeat(length)}"rest"`));
        expect(skipString(text, before)).toBe(before + length + 1);
        expect(text.isAscii).toBe(true);
      }
    }
  });

  test('with any byte anywhere ends, goes on or is unusual as it should', () => {
    const endOf = (byte: number, at: number): number => {
      if (byte < 0x20 || byte === 0x5c) return unusual;
      return byte === 0x22 ? at + 1 : 12;
    };
    for (const at of [0, 1, 2, 3, 4, 9]) {
      const texts = Array.from({ length: 256 }, (_, byte) => {
        const bytes = Buffer.from('abcdefghijk"');
        bytes[at] = byte;
        return byteTextOf(bytes);
      });
      expect(texts.map((text) => skipString(text, 0))).toEqual(texts.map((_, byte) => endOf(byte, at)));
      expect(texts.map(({ isAscii }) => isAscii)).toEqual(texts.map((_, byte) => byte < 0x80));
    }
  });

  test('that does not end on its line is unusual', () => {
    for (let length = 0; length < 9; length += 1) expect(skip(`"${'a'.repeat(length)}`)).toBe(unusual);
  });
});
