import { describe, expect, test } from 'vitest';
import { type ByteText, byteTextOf } from '../../functions/episodes/byte-text.ts';
import { createKnownShapes } from '../../functions/episodes/known-shapes.ts';

/** Shapes in which the string `fixed` is shared; what is found out about each is the number of its other strings. */
const createShapes = () => {
  const isShared = (text: ByteText, from: number, to: number) => text.bytes.toString('latin1', from, to) === 'fixed';
  const shapes = createKnownShapes<number>(isShared);
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
      return shapes.strings.slice(0, count).map(({ from, to }) => text.bytes.toString('utf8', from, to));
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
