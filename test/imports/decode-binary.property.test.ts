import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBinary } from '../../functions/imports/decode-binary.ts';

async function* inPieces(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const decode = async (text: string, sizes: readonly number[] = [7], mayBeEmpty = true): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of decodeBinary(inPieces(text, sizes), mayBeEmpty)) parts.push(part);
  return Buffer.concat(parts);
};

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const others = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });

/** JSON as another server might write it: white space, and what may be escaped escaped. */
const writeOddly = (json: string, isEscaped: boolean): string =>
  isEscaped ? json.replaceAll('/', '\\/').replaceAll('=', '\\u003d').replaceAll(':', ' :\t') : json;

describe('the content of a Binary', () => {
  test('is what base64 and JSON make of it, wherever its members stand and its chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        others,
        others,
        sizes,
        async (bytes, before, after, pieces) => {
          const data = Buffer.from(bytes).toString('base64');
          const entries = [
            ...Object.entries(before),
            ['resourceType', 'Binary'],
            ['data', data],
            ...Object.entries(after).map(([name, value]) => [`${name}.`, value]),
          ].filter(
            ([name], index) =>
              index === Object.keys(before).length ||
              index === Object.keys(before).length + 1 ||
              (name !== 'data' && name !== 'resourceType'),
          );
          const json = JSON.stringify(Object.fromEntries(entries as [string, unknown][]), undefined, bytes.length % 3);
          expect((await decode(json, pieces)).equals(Buffer.from(bytes))).toBe(true);
        },
      ),
    );
  });

  test('is the same where the JSON is escaped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), sizes, async (bytes, pieces) => {
        const data = Buffer.from(bytes).toString('base64');
        const json = writeOddly(`{"resourceType":"Binary","data":"${data}"}`, true);
        expect((await decode(json, pieces)).equals(Buffer.from(bytes))).toBe(true);
      }),
    );
  });

  test('is never taken from a member of that name further down, nor from a name that only ends so', async () => {
    const json =
      '{"meta":{"data":"QUJD"},"x":[{"data":"QUJD"}],"metadata":"QUJD","resourceType":"Binary","data":"WFla"}';
    expect((await decode(json)).toString()).toBe('XYZ');
  });

  test.each(['{"resourceType":"Binary"}', '{"resourceType":"Binary","data":null}'])(
    'may be left out only where the file is to be empty: %s',
    async (json) => {
      expect((await decode(json)).length).toBe(0);
      await expect(decode(json, [7], false)).rejects.toThrow('FILE_UNUSABLE: A Binary has no data.');
    },
  );

  test('may be nothing where the server says so', async () => {
    expect((await decode('{"resourceType":"Binary","data":""}', [7], false)).length).toBe(0);
  });

  test('may have line breaks between groups, or come after members in strings with quotes', async () => {
    expect(
      (await decode('{"id":"a\\"data\\":\\\\","resourceType":"Binary","data":"QUJD\\r\\nREVG"}\n')).toString(),
    ).toBe('ABCDEF');
  });

  test.each([
    ['{"resourceType":"OperationOutcome","issue":[]}', 'FILE_UNUSABLE: A file is JSON, but no Binary.'],
    ['{"resourceType":"Binary","data":"QUJ', 'FILE_INCOMPLETE: A Binary is cut off.'],
    [
      '{"resourceType":"Binary","data":"QUJDR"}',
      'FILE_UNUSABLE: The data of a Binary is cut off within a group of base64.',
    ],
    ['{"resourceType":"Binary","data":"QQ==QUJD"}', 'FILE_UNUSABLE: The data of a Binary'],
    ['{"resourceType":"Binary","data":"QQ== QUJDQUJD"}', 'FILE_UNUSABLE: The data of a Binary'],
    ['{"resourceType":"Binary","data":"Q\\x"}', 'FILE_UNUSABLE: The data of a Binary has an escape that is none.'],
    ['{"resourceType":"Binary","data":"QUJD","data":"QUJD"}', 'FILE_UNUSABLE: A Binary has data twice.'],
    [
      '{"resourceType":"Binary"} {"resourceType":"Binary"}',
      'FILE_UNUSABLE: A file is JSON, but goes on after its Binary.',
    ],
    ['<html>', 'FILE_UNUSABLE: A file is said to be JSON, and is none.'],
    ['', 'FILE_INCOMPLETE: A Binary is cut off.'],
  ])('is refused in %j', async (json, words) => {
    await expect(decode(json)).rejects.toThrow(words);
    await expect(decode(json, [1])).rejects.toThrow(words);
  });
});
