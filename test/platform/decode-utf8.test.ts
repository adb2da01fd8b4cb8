import { expect, test } from 'vitest';
import { decodeUtf8 } from '../../functions/platform/decode-utf8.ts';

test.each(['', 'abc', 'Åse', '\u{1f600}', '\ufeffmarked', '\u0000'])(
  'the text of its own bytes comes back: %j',
  (text) => {
    expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
  },
);

test('of a part of a larger buffer, that part is read', () => {
  expect(decodeUtf8(new TextEncoder().encode('before, after').subarray(8))).toBe('after');
});

test.each([[[0xff]], [[0xc3]], [[0xc0, 0xaf]], [[0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]], [[0x61, 0x80]]])(
  'what is not UTF-8 is no text: %j',
  (bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
  },
);
