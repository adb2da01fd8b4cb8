import { expect, test } from 'vitest';
import { createLineSplitter, type Line } from '../../functions/episodes/line-splitter.ts';
import { unusual } from '../../functions/episodes/skip-json.ts';

/** Cuts a text with a scanner that takes lines of capital letters only. */
const cut = (content: string, chunkBytes: number, blockBytes: number, lineBytes = 100) => {
  const taken: string[] = [];
  const visited: string[] = [];
  let last = '';
  const visit = ({ bytes, number, isEnded }: Line): void => {
    visited.push(`${number}${isEnded ? '' : '!'}:${Buffer.from(bytes)}`);
  };
  const scanner = {
    scan(text: { readonly bytes: Buffer }, from: number): number {
      const to = text.bytes.indexOf('\n', from);
      last = text.bytes.toString('latin1', from, to);
      return /^[A-Z]+$/.test(last) ? to : unusual;
    },
    take(number: number): void {
      taken.push(`${number}:${last}`);
    },
  };
  const splitter = createLineSplitter('a', lineBytes, blockBytes, { visit, scanner });
  const bytes = Buffer.from(content);
  for (let from = 0; from < bytes.length; from += chunkBytes) splitter.push(bytes.subarray(from, from + chunkBytes));
  return { lines: splitter.end(), taken, visited };
};

test('lines are scanned where they lie, the others visited, in one numbering, wherever chunks and blocks end', () => {
  const expected = { lines: 5, taken: ['1:ONE', '4:FOUR', '6:SIX'], visited: ['2:two', '5:five'] };
  for (let chunkBytes = 1; chunkBytes < 28; chunkBytes += 1) {
    for (let blockBytes = 1; blockBytes < 28; blockBytes += 1) {
      expect(cut('ONE\ntwo\n \t\nFOUR\nfive\nSIX', chunkBytes, blockBytes)).toEqual(expected);
    }
  }
});

test('a last line without line break is scanned like any other, and visited as one that may be cut off', () => {
  expect(cut('ONE\nTWO', 3, 4).taken).toEqual(['1:ONE', '2:TWO']);
  expect(cut('ONE\ntwo', 3, 4).visited).toEqual(['2!:two']);
});

test('a scanned line that is too long is not taken', () => {
  expect(() => cut('ONE\nTWO\nTHREE\n', 100, 100, 4)).toThrow('DATA_SET_TOO_LARGE');
  expect(() => cut('ONE\nTHREE', 1, 1, 4)).toThrow('DATA_SET_TOO_LARGE');
  expect(cut('ONE\nFOUR\n', 1, 1, 4).lines).toBe(2);
});
