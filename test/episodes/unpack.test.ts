import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpack } from '../../functions/episodes/unpack.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { serviceError } from '../support/service-error.ts';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const unpacked = async (stored: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of unpack('a.ndjson', stored)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const text = Array.from({ length: 600 }, (_, at) => `{"line":${at}}\n`).join('');
const packed = gzipSync(text);
const damaged = serviceError('DATA_SET_INCOMPLETE', 'a.ndjson: the gzip stream is cut off or damaged');

describe('the bytes of a file', () => {
  test.each([1, 2, 3, 1000, 1_000_000])('are the same plain and packed, in chunks of %i', async (size) => {
    expect(await unpacked(chunksOf(Buffer.from(text.slice(0, 5000)), size))).toBe(text.slice(0, 5000));
    expect(await unpacked(chunksOf(packed, size))).toBe(text);
  });

  test('may be none, or one', async () => {
    expect(await unpacked(chunksOf(new Uint8Array(), 1))).toBe('');
    expect(await unpacked(chunksOf(Buffer.from('x'), 1))).toBe('x');
    expect(await unpacked(chunksOf(gzipSync(''), 5))).toBe('');
  });

  test.each([1, 7, 1_000_000])('may be packed in several members, in chunks of %i', async (size) => {
    const members = Buffer.concat([gzipSync('one\n'), gzipSync(''), gzipSync('two\n'), gzipSync('three\n')]);
    expect(await unpacked(chunksOf(members, size))).toBe('one\ntwo\nthree\n');
  });

  test('arrive before the last of them was stored', async () => {
    const opened = unpack('a.ndjson', endless());
    expect((await opened.next()).done).toBe(false);
    await opened.return(undefined);
    expect(closed).toBe(true);
  });
});

let closed = false;
async function* endless(): AsyncGenerator<Uint8Array> {
  try {
    for (;;) yield packed;
  } finally {
    closed = true;
  }
}

describe('A42: a packed file is damaged', () => {
  const flip = (at: number): Buffer => {
    const bytes = Buffer.from(packed);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    return bytes;
  };
  const member = gzipSync('one\n');

  test.each([
    ['cut in its last byte', packed.subarray(0, -1)],
    ['cut in the middle', packed.subarray(0, packed.length / 2)],
    ['cut in its header', packed.subarray(0, 2)],
    ['with a wrong checksum', flip(packed.length - 8)],
    ['with a wrong length', flip(packed.length - 4)],
    ['with damaged data', flip(Math.floor(packed.length / 2))],
    ['with a text after it', Buffer.concat([member, Buffer.from('{"a":1}\n')])],
    ['with zeros after it', Buffer.concat([member, Buffer.alloc(8)])],
    ['with zeros between members', Buffer.concat([member, Buffer.alloc(1), member])],
    ['with a cut member after it', Buffer.concat([member, member.subarray(0, 12)])],
    ['with half a header after it', Buffer.concat([member, Buffer.from([0x1f])])],
  ])('%s', async (_, bytes) => {
    for (const size of [1, 11, 1_000_000]) {
      await expect(unpacked(chunksOf(bytes, size)), String(size)).rejects.toEqual(damaged);
    }
  });
});

test('errors of the store pass through, before and amid the bytes', async () => {
  const fault = new ServiceError('DATA_SET_CHANGED', { cause: 'replaced' });
  const failing = async function* (first: readonly Uint8Array[]) {
    yield* first;
    throw fault;
  };
  for (const first of [[], [packed.subarray(0, 1)], [packed.subarray(0, 100)], [Buffer.from('plain')]]) {
    await expect(unpacked(failing(first))).rejects.toBe(fault);
  }
});
