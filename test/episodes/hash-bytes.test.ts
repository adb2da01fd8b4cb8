import { expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { hashBytes, hashKeys } from '../../functions/episodes/hash-bytes.ts';
import { reusedText } from '../support/reused-text.ts';

const hash = (text: string, key = hashKeys[0]): number => hashBytes(reusedText(text).text, 0, text.length, key);

test('a hash depends on the bytes alone, not on where they lie or what follows', () => {
  const text = byteTextOf(Buffer.from('xxPatient/1yy'));
  expect(hashBytes(text, 2, 11, hashKeys[0])).toBe(hash('Patient/1'));
  expect(hash('Patient/1', hashKeys[1])).not.toBe(hash('Patient/1'));
});

test('each byte counts, and so does how many there are', () => {
  const texts = new Set(['', '\0', '\0\0', '\0\0\0', '\0\0\0\0', '\0\0\0\0\0', 'a', 'a\0']);
  for (let at = 0; at < 13; at += 1) {
    for (let byte = 1; byte < 128; byte += 1)
      texts.add(`${'a'.repeat(at)}${String.fromCharCode(byte)}${'a'.repeat(12 - at)}`);
  }
  expect(new Set([...texts].map((text) => hash(text))).size).toBe(texts.size);
});

test('of a hundred thousand numbers that differ in two places, hashes collide as rarely as chance has it', () => {
  for (const key of hashKeys) {
    const hashes = new Set<number>();
    for (let one = 0; one < 320; one += 1)
      for (let other = 0; other < 320; other += 1) hashes.add(hash(`${1000 + one}-00-${1000 + other}`, key));
    // 102 400² / 2^33 is 1.2.
    expect(hashes.size).toBeGreaterThan(102_400 - 10);
  }
});
