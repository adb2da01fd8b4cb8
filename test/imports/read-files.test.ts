import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../functions/platform/clock.ts';
import { body } from '../support/export-faults.ts';
import {
  type BenchOptions,
  episodeFile,
  type ImportBench,
  startImportBench,
  yesterdays,
} from '../support/import-bench.ts';

let bench: ImportBench;
afterEach(() => bench.server.stop());

const minute = 60_000;
const pieces = Array.from({ length: 20 }, (_, index) => episodeFile(1 + index * 20, 20, 'x'.repeat(1000)));
const whole = Buffer.concat(pieces);
const pieceBytes = Math.ceil(whole.length / pieces.length);
/** A run of five minutes has 255 s to read: twelve of the twenty that are compressed, and half as many that are not. */
const secondsPerPiece = { gzip: 20, identity: 40 };

interface Asked {
  readonly range: string | undefined;
  readonly coding: keyof typeof secondsPerPiece;
}

/** What a server that takes its time answers: a head, and the pieces that follow it. */
type Answer = (response: ServerResponse, asked: Asked) => readonly Buffer[];

/**
 * A server that has a file in pieces, each of which takes a while, for all that follows it. The next is sent when the importer has looked at
 * the clock, which it does with every chunk.
 */
const start = async (answer: Answer, options: BenchOptions = {}) => {
  bench = await startImportBench({ files: [whole] }, options);
  bench.putYesterdays();
  const { clock } = bench;
  let looked = (): void => undefined;
  const watched: Clock = {
    now: () => {
      looked();
      return clock.now();
    },
  };
  bench.dependencies = { ...bench.dependencies, clock: watched };
  const asked: Asked[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const one = { range: request.headers.range, coding: request.headers['accept-encoding'] as Asked['coding'] };
    asked.push(one);
    const closed = once(response, 'close');
    for (const piece of answer(response, one)) {
      const isLookedAt = new Promise<void>((resolve) => {
        looked = resolve;
      });
      response.write(piece);
      await Promise.race([isLookedAt, closed]);
      if (response.destroyed) return;
      clock.advance(secondsPerPiece[one.coding] * 1000);
    }
    response.end();
  };
  bench.server.intercept = (path, request, response) => {
    if (!path.endsWith('/files/0')) return false;
    void serve(request, response);
    return true;
  };
  return asked;
};

const cut = (bytes: Buffer): readonly Buffer[] => {
  const count = Math.ceil(bytes.length / pieceBytes);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes));
};

const startsOf = (asked: readonly Asked[]): number[] =>
  asked.map(({ range }) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0));

const type = { 'content-type': 'application/fhir+ndjson' };
const compressed: Answer = (response) => {
  response.writeHead(200, { ...type, 'content-encoding': 'gzip' });
  return pieces.map((piece) => gzipSync(piece));
};
/** Plain, with parts. */
const inParts =
  (etag: string): Answer =>
  (response, { range }) => {
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const more = { ...type, etag, 'accept-ranges': 'bytes' };
    const content = { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` };
    if (from === 0) response.writeHead(200, more);
    else response.writeHead(206, { ...more, ...content });
    return cut(whole.subarray(from));
  };
const words = () => [
  ...new Set(bench.log.of('IMPORT_STEP_FAILED').map(({ errorCode, problem }) => `${errorCode}: ${problem}`)),
];

test('an export of more parts than an import may have fails, naming the file at which it was', async () => {
  bench = await startImportBench(
    { files: pieces.slice(0, 4), counts: [20, 20, 20, 20] },
    { limits: { segmentBytes: pieceBytes - 2_000, segments: 3 } },
  );
  bench.putYesterdays();
  expect((await bench.run()).failure).toEqual({
    code: 'TOO_LARGE',
    cause: 'File 4 of 4: The export has more than 3 parts.',
  });
  expect(bench.read()).toEqual(yesterdays);
});

describe('a file that takes longer than a run', () => {
  test('is gone on with by Range, run after run', async () => {
    const asked = await start(inParts('"one"'));
    expect((await bench.run()).state).toBe('DONE');
    const starts = startsOf(asked);
    expect(starts[0]).toBe(0);
    expect(starts.slice(1)).toEqual(starts.filter((start) => start > 4 * pieceBytes));
    expect(words()).toEqual([]);
    expect(bench.read()?.text).toBe(whole.toString());
  });

  test('and began compressed is then asked for plain, compared as far as each run gets, and gone on with', async () => {
    const answer: Answer = (response, asked) =>
      asked.coding === 'gzip' ? compressed(response, asked) : inParts('"one"')(response, asked);
    const asked = await start(answer, { limits: { segmentBytes: 20_000 } });
    expect((await bench.run()).state).toBe('DONE');
    const [first, second, third = 0, ...later] = startsOf(asked);
    expect(asked.map(({ coding }) => coding)).toEqual(['gzip', 'identity', 'identity', ...later.map(() => 'identity')]);
    expect([first, second]).toEqual([0, 0]);
    // Within what was stored by the first run: a part of that was still to be compared.
    expect(third).toBeGreaterThan(0);
    expect(third).toBeLessThan(9 * pieceBytes);
    expect(later.length).toBeGreaterThan(0);
    expect([third, ...later]).toEqual([third, ...later].sort((one, other) => one - other));
    expect(words()).toEqual([]);
    expect(bench.read()?.text).toBe(whole.toString());
  });

  test('and is another one when its stored part is compared, is not gone on with', async () => {
    const fresh = Buffer.from(whole.toString().replaceAll('"id":"e2', '"id":"f2'));
    const answer: Answer = (response, asked) => {
      if (asked.coding === 'gzip') return compressed(response, asked);
      body(fresh, type['content-type'], { etag: '"two"', 'accept-ranges': 'bytes' })(response);
      return [];
    };
    await start(answer, { limits: { segmentBytes: 20_000 } });
    const over = await bench.run();
    expect(words()).toContain('FILE_CHANGED: File 1 of 1: it is another one than when its reading was begun.');
    expect(over.state).toBe('FAILED');
    expect(bench.read()).toEqual(yesterdays);
  });

  test('and can only be had from its beginning fails, and says why, hours before the deadline', async () => {
    const asked = await start(compressed);
    const over = await bench.run();
    expect(over.failure).toEqual({
      code: 'ATTEMPTS_EXHAUSTED',
      cause:
        '4 attempts in a row got nowhere; the last problem was FILE_SLOW: File 1 of 1: in the time of a run no more of it could be read than was stored before.',
    });
    // After the first, plain and then compressed again in each run.
    expect(asked.length).toBeLessThan(12);
    expect(over.deadline - (over.ended ?? 0)).toBeGreaterThan(5 * 60 * minute);
    expect(bench.read()).toEqual(yesterdays);
  });
});
