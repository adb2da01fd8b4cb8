import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCursor, writeCursor } from '../../functions/api/page-cursor.ts';
import { sampleBinaryId, sampleTime } from '../support/sample-job.ts';

const position = { created: sampleTime, binaryId: sampleBinaryId('7') };

test('a cursor is read back as the place that was written, and can stand in a link as it is', () => {
  const cursor = writeCursor(position);
  expect(readCursor(cursor)).toEqual(position);
  expect(encodeURIComponent(cursor)).toBe(cursor);
});

const written = (text: string) => Buffer.from(text).toString('base64url');
test.each([
  ['nothing', ''],
  ['no base64url', '%%%'],
  ['an id that is none of ours', written(`${sampleTime}.1003`)],
  ['a time that is none', written(`x.${position.binaryId}`)],
  ['a negative time', written(`-1.${position.binaryId}`)],
  ['a time beyond what a date can hold', written(`9000000000000000.${position.binaryId}`)],
  ['another tenant in front', written(`other#${sampleTime}.${position.binaryId}`)],
  ['more behind it', written(`${sampleTime}.${position.binaryId}#`)],
  ['a very long text', 'A'.repeat(5000)],
])('%s is no cursor', (_name, text) => {
  expect(readCursor(text)).toBeUndefined();
});

test('whatever is sent, a cursor is undefined or a place whose time can be written', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string().map(written)), (text) => {
      const read = readCursor(text);
      if (read !== undefined) expect(() => new Date(read.created).toISOString()).not.toThrow();
    }),
  );
});
