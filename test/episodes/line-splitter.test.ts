import { expect, test } from 'vitest';
import { type ByteText, slack } from '../../functions/episodes/byte-text.ts';
import { createLineSplitter, type Line } from '../../functions/episodes/line-splitter.ts';
import { unusual } from '../../functions/episodes/skip-json.ts';

/** Cuts a text with a scanner that takes lines of capital letters only. */
const cut = (content: string, chunkBytes: number, lineBytes = 100) => {
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
  const splitter = createLineSplitter('a', lineBytes, { visit, scanner });
  const bytes = Buffer.from(content);
  for (let from = 0; from < bytes.length; from += chunkBytes) splitter.push(bytes.subarray(from, from + chunkBytes));
  return { lines: splitter.end(), taken, visited };
};

test('lines are scanned, the others visited, in one numbering, wherever chunks end', () => {
  const long = 'L'.repeat(30);
  const expected = {
    lines: 7,
    taken: ['1:ONE', '4:FOUR', `6:${long}`, '7:SEVEN', '8:E'],
    visited: ['2:two', '5:five'],
  };
  for (let chunkBytes = 1; chunkBytes < 80; chunkBytes += 1) {
    expect(cut(`ONE\ntwo\n \t\nFOUR\nfive\n${long}\nSEVEN\nE`, chunkBytes)).toEqual(expected);
  }
});

test('a line is scanned with bytes behind it, wherever in its chunk it ends', () => {
  const scanner = {
    scan(text: ByteText, from: number): number {
      const to = text.bytes.indexOf('\n', from);
      expect(() => text.view.getFloat64(to + slack - 8)).not.toThrow();
      return to;
    },
    take: () => undefined,
  };
  for (let length = 1; length < 60; length += 1) {
    const splitter = createLineSplitter('a', 100, { visit: () => undefined, scanner });
    splitter.push(Buffer.from('ONE\n\nTHREE\n'.repeat(9)).subarray(0, length));
    splitter.end();
  }
});

test('a line that is longer than the room for the beginnings of lines is put together again', () => {
  const line = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.repeat(2000);
  expect(cut(`${line}\n${line}`, 5000, 60_000).taken).toEqual([`1:${line}`, `2:${line}`]);
});

test('a last line without line break is scanned like any other, and visited as one that may be cut off', () => {
  expect(cut('ONE\nTWO', 3).taken).toEqual(['1:ONE', '2:TWO']);
  expect(cut('ONE\ntwo', 3).visited).toEqual(['2!:two']);
});

test('a scanned line that is too long is not taken', () => {
  expect(() => cut('ONE\nTWO\nTHREE\n', 100, 4)).toThrow('DATA_SET_TOO_LARGE');
  expect(() => cut('ONE\nTHREE', 1, 4)).toThrow('DATA_SET_TOO_LARGE');
  expect(() => cut(`THREE\n${'A\n'.repeat(20)}`, 100, 4)).toThrow('a line 1: longer than 4 bytes');
  expect(() => cut('ONE\nTHREE', 100, 4)).toThrow('DATA_SET_TOO_LARGE');
  expect(cut('ONE\nFOUR\n', 1, 4).lines).toBe(2);
  expect(cut(`ONE\nFOUR\n${'A\n'.repeat(20)}`, 100, 4).lines).toBe(22);
});
