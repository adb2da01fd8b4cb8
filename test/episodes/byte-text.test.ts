import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteTextOf, createByteText, encodeText, slack } from '../../functions/episodes/byte-text.ts';

test('a text has its bytes, a line feed, and room to read four bytes from any of them', () => {
  const { bytes, view } = byteTextOf(Buffer.from('ab'));
  expect(bytes.toString('latin1', 0, 3)).toBe('ab\n');
  expect(view.getInt32(2, true)).toBe(0x0a);
  expect(createByteText(5).bytes.length).toBe(5 + slack);
});

test('different strings are encoded as different bytes, equal ones as equal, also with lone surrogates', () => {
  const string = fc.string({ unit: fc.constantFrom('a', 'æ', '\ud83d', '\ude00', '\ufffd', '\ud800', '\u00ff') });
  const encoded = (text: string) => {
    const { text: bytes, to } = encodeText(text);
    return bytes.bytes.toString('latin1', 0, to);
  };
  fc.assert(
    fc.property(string, string, (one, other) => {
      expect(encoded(one) === encoded(other)).toBe(one === other);
    }),
  );
  expect(encoded('\ud800')).not.toBe(encoded('\ufffd'));
  expect(encoded('Patient/æ')).toBe(Buffer.from('Patient/æ').toString('latin1'));
});
