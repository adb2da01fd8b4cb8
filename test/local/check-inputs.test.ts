import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { checkInputs } from '../../local/check-inputs.ts';
import { createBytesInput, UnusableInput } from '../../local/data-set-input.ts';

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `{"resourceType":"EpisodeOfCare","id":"${index}"}\n`).join('');
const input = (name: string, text: string | Uint8Array) => createBytesInput(name, Buffer.from(text));

test('files are counted: their lines, and their bytes as they are and unpacked', async () => {
  const packed = gzipSync(`\ufeff${lines(3)}`);
  const reads = await checkInputs([input('a.ndjson', `\n\r\n${lines(2).trimEnd()}`), input('b.ndjson.gz', packed)]);
  expect(reads).toMatchObject([
    { name: 'a.ndjson', lines: 2, bytes: 3 + lines(2).length - 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { name: 'b.ndjson.gz', lines: 3, bytes: packed.length, plainBytes: 3 + lines(3).length },
  ]);
});

test('what is wrong within a line is left to the report, which has the tolerance', async () => {
  expect(await checkInputs([input('a.ndjson', `${lines(1)}{nonsense}\n`)])).toMatchObject([{ lines: 2 }]);
});

test.each([
  ['JSON of many lines', '\n{\n  "name": "x"\n}\n', 'x line 2: a line is not a JSON object.'],
  ['of other resources', '{"resourceType":"Patient"}\n', 'x line 1: the first line is not an EpisodeOfCare in JSON.'],
  ['cut off within its last line', lines(100).slice(0, -4), 'x line 100: the last line is cut off.'],
  ['cut off within its last line, packed', gzipSync(lines(9).slice(0, -4)), 'x line 9: the last line is cut off.'],
  ['a page of HTML', `${lines(1)}<html>`, 'x line 2: a line is not a JSON object.'],
  ['without a line', ' \n', 'x: there is no line in it'],
  ['the one before it once more', lines(5), 'x: the same, to the byte, as b before it (file 2)'],
])('a file that is %s is refused', async (_case, content, message) => {
  const files = [input('a', lines(1)), input('b', lines(5)), input('x', content)];
  await expect(checkInputs(files)).rejects.toThrow(new UnusableInput(message));
});

test.each([
  [{ lineBytes: 40 }, 'a line 1: longer than 40 bytes'],
  [{ plainBytes: 300 }, 'A worker cannot read so much: more than 300 bytes.'],
  [{ storedBytes: 300 }, 'A worker cannot read so much: more than 300 bytes as they are stored.'],
  [{ episodes: 7 }, 'A worker cannot read so much: more than 7 lines.'],
])('more than a worker reads, with limits of %j, is refused', async (limits, message) => {
  const files = [input('a', lines(5)), input('b', lines(3))];
  expect((await checkInputs(files)).map(({ bytes }) => bytes)).toEqual([210, 126]);
  await expect(checkInputs(files, { ...defaultLimits, ...limits })).rejects.toThrow(new UnusableInput(message));
});
