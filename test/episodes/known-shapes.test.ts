import { describe, expect, test } from 'vitest';
import { type ByteText, byteTextOf } from '../../functions/episodes/byte-text.ts';
import { createKnownShapes } from '../../functions/episodes/known-shapes.ts';

/** Shapes of which the string `fixed` is part, and of others what stands before their last slash; what is found out about each is the number of these others. */
const createShapes = () => {
  const countShared = (text: ByteText, from: number, to: number) => {
    const string = text.bytes.subarray(from, to);
    return string.equals(Buffer.from('fixed')) ? string.length + 1 : string.lastIndexOf('/') + 1;
  };
  const shapes = createKnownShapes<number>(countShared);
  return {
    learn(line: string): void {
      shapes.learn(byteTextOf(Buffer.from(line)), 0, Buffer.byteLength(line), (starts) => starts.length);
    },
    /** The other strings of a line of a known shape. */
    match(line: string | Uint8Array): string[] | undefined {
      const bytes = Buffer.from(line);
      const text = byteTextOf(bytes);
      const count = shapes.match(text, 0);
      if (count === undefined) return undefined;
      expect(shapes.lineFeed).toBe(bytes.length);
      return Array.from({ length: count }, (_, at) =>
        text.bytes.toString('utf8', shapes.strings[2 * at], shapes.strings[2 * at + 1]),
      );
    },
  };
};

describe('a line of a known shape', () => {
  const shapes = createShapes();
  shapes.learn('{"a":"x","b":["fixed",{"c":"y"}],"n":1}');

  test('has other strings in the same places', () => {
    expect(shapes.match('{"a":"","b":["fixed",{"c":"longer than before æ"}],"n":1}')).toEqual([
      '',
      'longer than before æ',
    ]);
    expect(shapes.match('{"a":"fixed","b":["fixed",{"c":"y"}],"n":1}')).toEqual(['fixed', 'y']);
  });

  test.each([
    '{"a":"x","b":["other",{"c":"y"}],"n":1}',
    '{"z":"x","b":["fixed",{"c":"y"}],"n":1}',
    '{"a":"x","b":["fixed",{"c":"y"}],"n":2}',
    '{"a":"x", "b":["fixed",{"c":"y"}],"n":1}',
    '{"a":7,"b":["fixed",{"c":"y"}],"n":1}',
    '{"a":"x","b":["fixed",{"c":"y"}],"n":1} ',
    '{"a":"x","b":["fixed",{"c":"y"}],"n":1',
    '{"a":"\\u0078","b":["fixed",{"c":"y"}],"n":1}',
    '{"a":"\t","b":["fixed",{"c":"y"}],"n":1}',
    '{"a":"x","b":["fixed",{"c":"y',
    '',
  ])('is not %s', (line) => {
    expect(shapes.match(line)).toBeUndefined();
  });

  test('is not one with bytes that are no UTF-8', () => {
    const line = Buffer.from('{"a":"xx","b":["fixed",{"c":"y"}],"n":1}');
    line.set([0xc3, 0x28], line.indexOf('xx'));
    expect(shapes.match(line)).toBeUndefined();
  });
});

test('each bit of a shape counts, wherever it stands and however long the shape is', () => {
  for (let length = 0; length < 20; length += 1) {
    const shapes = createShapes();
    // 0x7f and 0xff in the right places are a number that is none, and that does not even equal itself.
    const line = Buffer.from(`{"a":"","${'k'.repeat(length)}\x7fÿ":1}`);
    const stringEnd = line.indexOf('""') + 1;
    shapes.learn(line.toString());
    for (let at = 0; at < line.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const other = Buffer.from(line);
        other[at] = (other[at] ?? 0) ^ (1 << bit);
        if (at < stringEnd - 1 || at > stringEnd) expect(shapes.match(other)).toBeUndefined();
      }
    }
  }
});

test('a shape of any length is known again', () => {
  for (let length = 0; length < 40; length += 1) {
    const shapes = createShapes();
    const line = `{"a":"x","${'k'.repeat(length)}":1}`;
    shapes.learn(line);
    expect(shapes.match(line)).toEqual(['x']);
  }
});

describe('a string of which the beginning is part of the shape', () => {
  const shapes = createShapes();
  shapes.learn('{"a":"x/y/1","b":["fixed"]}');

  test('is found as a whole, whatever its end is', () => {
    expect(shapes.match('{"a":"x/y/234","b":["fixed"]}')).toEqual(['x/y/234']);
    expect(shapes.match('{"a":"x/y/","b":["fixed"]}')).toEqual(['x/y/']);
  });

  test.each([
    '{"a":"x/z/1","b":["fixed"]}',
    '{"a":"x/y","b":["fixed"]}',
    '{"a":"x/y/\\"1","b":["fixed"]}',
    '{"a":"","b":["fixed"]}',
  ])('is not that of %s', (line) => {
    expect(shapes.match(line)).toBeUndefined();
  });
});

test('where strings begin in too many ways, their beginnings are no longer part of the shape', () => {
  const shapes = createShapes();
  const lineOf = (n: number) => `{"a":"${n}/1","b":"x"}`;
  for (let n = 0; n < 16; n += 1) shapes.learn(lineOf(n));
  expect(shapes.match(lineOf(16))).toBeUndefined();
  shapes.learn(lineOf(16));
  for (let n = 0; n < 99; n += 1) expect(shapes.match(lineOf(n))).toEqual([`${n}/1`, 'x']);
});

test('a shape is remembered on the way that its lines will go, also where that was made by others', () => {
  const shapes = createShapes();
  shapes.learn('{"a":"x","b":1}');
  shapes.learn('{"a":"fixed","c":1}');
  expect(shapes.match('{"a":"fixed","c":1}')).toEqual(['fixed']);
  expect(shapes.match('{"a":"y","b":1}')).toEqual(['y']);
});

test('a shape about which nothing could be found out stays unknown', () => {
  const shapes = createKnownShapes<number>(() => 0);
  const text = byteTextOf(Buffer.from('{"a":"x"}'));
  shapes.learn(text, 0, 9, () => undefined);
  expect(shapes.match(text, 0)).toBeUndefined();
  shapes.learn(text, 0, 9, () => 7);
  expect(shapes.match(text, 0)).toBe(7);
});

test('several shapes are told apart, also where one begins like another, whatever was matched before', () => {
  const shapes = createShapes();
  const lines = [
    '{"a":"x"}',
    '{"a":"x","b":"y"}',
    '{"a":"fixed"}',
    '{"a":["x"]}',
    '{"a":["x","y"]}',
    '{"a":["x","y","z"]}',
    '{}',
    '[]',
  ];
  for (const line of lines) shapes.learn(line);
  for (let times = 0; times < 3; times += 1) {
    expect(lines.map((line) => shapes.match(line)?.length)).toEqual([1, 2, 1, 1, 2, 3, 0, 0]);
  }
});

test('what is remembered is bounded: in alternatives, in strings of a line, in all', () => {
  const shapes = createShapes();
  for (let n = 0; n < 100; n += 1) shapes.learn(`{"n":${n},"a":"x"}`);
  const known = Array.from({ length: 100 }, (_, n) => shapes.match(`{"n":${n},"a":"y"}`)).filter((found) => found);
  expect(known.length).toBe(24);
  const many = `[${'"x",'.repeat(600)}"x"]`;
  shapes.learn(many);
  expect(shapes.match(many)).toBeUndefined();
});
