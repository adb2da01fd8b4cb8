import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { DataSetFile } from '../../functions/episodes/data-set.ts';
import { type ReadFile, readLines } from '../../functions/episodes/read-lines.ts';
import { type FileFacts, fileInMemory } from '../support/in-memory-data-set.ts';
import { serviceError } from '../support/service-error.ts';

const generous = { lineBytes: 1000, plainBytes: 1_000_000 };
const never = new AbortController().signal;

const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

const read = async (file: DataSetFile, limits = generous) => {
  const lines: string[] = [];
  const facts: ReadFile = await readLines(file, { signal: never, ...limits }, ({ bytes, number, isEnded }) => {
    lines.push(`${number}${isEnded ? '' : '!'}:${Buffer.from(bytes).toString()}`);
  });
  return { lines, facts };
};

const linesOf = async (content: string, chunkBytes?: number): Promise<readonly string[]> =>
  (await read(fileInMemory('a', content, {}, chunkBytes))).lines;

describe('lines', () => {
  test.each([1, 2, 3, 5, 1000])('are cut at line feeds, in chunks of %i', async (size) => {
    expect(await linesOf('one\ntwo\n\nfour\n', size)).toEqual(['1:one', '2:two', '4:four']);
    expect(await linesOf('\n\n', size)).toEqual([]);
    expect(await linesOf('', size)).toEqual([]);
  });

  test('may end with a carriage return, and may hold anything but a line feed', async () => {
    expect(await linesOf('one\r\n\r\nthr\u2028ee\r\n')).toEqual(['1:one\r', '3:thr\u2028ee\r']);
  });

  test('A41: may lack the last line feed, and say so', async () => {
    expect(await linesOf('one\ntwo')).toEqual(['1:one', '2!:two']);
    expect(await linesOf('one\n  ')).toEqual(['1:one']);
  });

  test.each([1, 2, 1000])('come without the byte order mark of the file, in chunks of %i', async (size) => {
    expect(await linesOf('\ufeffone\n\ufefftwo\n', size)).toEqual(['1:one', '2:\ufefftwo']);
    expect(await linesOf('\ufeff\n', size)).toEqual([]);
  });

  test('of white space only are empty', async () => {
    expect(await linesOf(' \t\r\nx\n \u00a0\n')).toEqual(['2:x', '3: \u00a0']);
  });
});

describe('what was read', () => {
  test('is told with the stored size, its SHA-256 and the number of lines that are not empty', async () => {
    const stored = gzipSync('one\n\ntwo');
    const { lines, facts } = await read(fileInMemory('b.gz', stored));
    expect(lines).toEqual(['1:one', '3!:two']);
    expect(facts).toEqual({ name: 'b.gz', bytes: stored.length, sha256: sha256Of(stored), plainBytes: 8, lines: 2 });
  });

  test('may be what the manifest says', async () => {
    const facts = { count: 2, sha256: sha256Of('one\n\ntwo\n') };
    await expect(read(fileInMemory('a', 'one\n\ntwo\n', facts))).resolves.toBeDefined();
  });

  test.each<[FileFacts, string]>([
    [{ count: 3 }, 'a: 2 lines, while the manifest gives a count of 3'],
    [{ count: 1 }, 'a: 2 lines, while the manifest gives a count of 1'],
    [{ count: 0 }, 'a: 2 lines, while the manifest gives a count of 0'],
    [{ bytes: 9 }, 'a: 8 bytes could be read of 9'],
    [{ bytes: 7 }, 'a: 8 bytes could be read of 7'],
    [{ sha256: sha256Of('one\ntwo') }, 'a: the bytes do not have the SHA-256 that the manifest gives'],
  ])('is incomplete when it is not: %j', async (facts, cause) => {
    await expect(read(fileInMemory('a', 'one\ntwo\n', facts))).rejects.toEqual(
      serviceError('DATA_SET_INCOMPLETE', cause),
    );
  });
});

describe('limits', () => {
  test('of a line: its bytes without the line feed', async () => {
    const limits = { ...generous, lineBytes: 5 };
    await expect(read(fileInMemory('a', 'one\n12345\n'), limits)).resolves.toBeDefined();
    for (const content of ['one\n123456\n', 'one\n123456', `one\n${'x'.repeat(100_000)}`]) {
      await expect(read(fileInMemory('a', content, {}, 3), limits)).rejects.toEqual(
        serviceError('DATA_SET_TOO_LARGE', 'a line 2: longer than 5 bytes'),
      );
    }
  });

  test('A42: of the unpacked bytes: a small file that unpacks to a huge one is given up on the way', async () => {
    const member = gzipSync(Buffer.alloc(2_000_000, '\n'), { level: 9 });
    const bomb = Buffer.concat(Array.from({ length: 500 }, () => member));
    expect(bomb.length).toBeLessThan(1_500_000);
    let given = 0;
    const file = fileInMemory('bomb', bomb, {}, 1000);
    const counted = {
      ...file,
      async *read(signal: AbortSignal) {
        for await (const chunk of file.read(signal)) {
          given += chunk.length;
          yield chunk;
        }
      },
    };
    await expect(read(counted)).rejects.toEqual(serviceError('DATA_SET_TOO_LARGE', /^bomb: /));
    expect(given).toBeLessThan(100_000);
    await expect(read(fileInMemory('a', 'x'.repeat(9)), { lineBytes: 9, plainBytes: 9 })).resolves.toBeDefined();
  });
});

test('an aborted reading stops and throws the reason', async () => {
  const abort = new AbortController();
  const reason = new Error('lease lost');
  let lines = 0;
  const reading = readLines(
    fileInMemory('a', 'x\n'.repeat(1000), {}, 10),
    { signal: abort.signal, ...generous },
    () => {
      lines += 1;
      if (lines === 20) abort.abort(reason);
    },
  );
  await expect(reading).rejects.toBe(reason);
  expect(lines).toBeLessThan(40);
});

test('what the visitor throws ends the reading', async () => {
  const fault = new Error('enough');
  const reading = readLines(fileInMemory('a', gzipSync('x\ny\n')), { signal: never, ...generous }, () => {
    throw fault;
  });
  await expect(reading).rejects.toBe(fault);
});

test('other work of the process gets its turn while a large file is read', async () => {
  const line = `${'x'.repeat(1023)}\n`;
  const bytes = 4096 * line.length;
  let turns = 0;
  let over = false;
  const count = async () => {
    while (!over) {
      await nextTurn();
      turns += 1;
    }
  };
  const counting = count();
  const options = { signal: never, lineBytes: 1024, plainBytes: bytes };
  await readLines(fileInMemory('a', line.repeat(4096)), options, () => undefined);
  over = true;
  await counting;
  expect(turns).toBeGreaterThanOrEqual(bytes / (1024 * 1024));
});
