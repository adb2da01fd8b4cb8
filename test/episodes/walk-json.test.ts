import { describe, expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { skipValue, unusual } from '../../functions/episodes/skip-json.ts';
import {
  createName,
  createSpan,
  isName,
  readArray,
  readObject,
  readString,
} from '../../functions/episodes/walk-json.ts';

const textOf = (line: string) => byteTextOf(Buffer.from(line));

describe('an object', () => {
  test.each(['{}', '{ }', '{"a":1,"b":{"c":[]}}', '{ "a" : 1 ,\t"b":\r{"c":[ ]} }'])(
    'is read member by member: %s',
    (line) => {
      const keys: string[] = [];
      const text = textOf(line);
      const after = readObject(text, 0, (_, key, length, value) => {
        keys.push(line.slice(key, key + length));
        return skipValue(text, value);
      });
      expect(after).toBe(line.length);
      expect(keys).toEqual(Object.keys(JSON.parse(line)));
    },
  );

  test.each([
    '[]',
    '"a"',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1]',
    '{"a":1,}',
    '{a:1}',
    '{"a":1 "b":2}',
    '{"\\u0061":1}',
  ])('is unusual where there is none, or a damaged one: %s', (line) => {
    expect(readObject(textOf(line), 0, (text, _, __, value) => skipValue(text, value))).toBe(unusual);
  });
});

describe('an array', () => {
  test('is read value by value', () => {
    for (const line of ['[]', '[ ]', '[1]', '[ 1 , [2] ,"3"]'])
      expect(readArray(textOf(line), 0, skipValue)).toBe(line.length);
    for (const line of ['{}', '[', '[1', '[1,]', '[1 2]', '[,]'])
      expect(readArray(textOf(line), 0, skipValue)).toBe(unusual);
  });
});

test('a string is noted without its quotes, and a second one is unusual', () => {
  const span = createSpan();
  const text = textOf('"ab""c"');
  expect([readString(text, 0, span), span]).toEqual([4, { from: 1, to: 3 }]);
  expect(readString(text, 4, span)).toBe(unusual);
  expect(readString(textOf('7'), 0, createSpan())).toBe(unusual);
});

test('a name is compared to its last byte', () => {
  const [status, end] = [createName('status'), createName('end')];
  expect([isName(textOf('xstatus'), 1, status), isName(textOf('end'), 0, end)]).toEqual([true, true]);
  for (const other of ['Status', 'statuS', 'statXs', 'sta']) expect(isName(textOf(other), 0, status)).toBe(false);
  expect(isName(textOf('enx'), 0, end)).toBe(false);
});
