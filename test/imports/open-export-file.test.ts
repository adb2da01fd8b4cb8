import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { always, atFirst, body, breakAfter, status } from '../support/export-faults.ts';
import { episodeFile, type ImportBench, startImportBench, yesterdays } from '../support/import-bench.ts';

let bench: ImportBench;
afterEach(() => bench.server.stop());

const filler = 'x'.repeat(500);
/** Two versions of a file, as long as each other: only the ids differ. */
const old = episodeFile(1_000, 60, filler);
const fresh = episodeFile(2_000, 60, filler);
const lineBytes = old.length / 60;
const brokeOff = 'EXPORT_UNAVAILABLE: File 1 of 1: The connection broke off amid an answer.';
const changed = 'FILE_CHANGED: File 1 of 1: it is another one than when its reading was begun.';

type Serve = (response: ServerResponse, from: number | undefined, request: IncomingMessage) => void;

const withTag = (etag: string) => ({ etag, 'accept-ranges': 'bytes' });

/** A part of a file as a 206; `bytes` are those that are sent, which may be others than it says. */
const part = (
  file: Buffer,
  from: number,
  to: number,
  etag: string | undefined,
  bytes = file.subarray(from, to + 1),
) => {
  const headers = { 'content-range': `bytes ${from}-${to}/${file.length}`, ...(etag === undefined ? {} : { etag }) };
  return (response: ServerResponse) =>
    void response.writeHead(206, { 'content-type': 'application/fhir+ndjson', ...headers }).end(bytes);
};

/** A server that breaks off at the first request for its file, and does what it is told at every other. */
const start = async (serve: Serve, first = breakAfter(old, 20 * lineBytes + 7, withTag('"one"'))) => {
  bench = await startImportBench({ files: [old] });
  bench.putYesterdays();
  const ranges: (string | undefined)[] = [];
  bench.server.intercept = (path, request, response) => {
    if (!path.endsWith('/files/0')) return false;
    ranges.push(request.headers.range);
    if (ranges.length === 1) first(response);
    else {
      const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
      serve(response, from === undefined ? undefined : Number(from), request);
    }
    return true;
  };
  return ranges;
};
const words = () => bench.log.of('IMPORT_STEP_FAILED').map(({ errorCode, problem }) => `${errorCode}: ${problem}`);
const rangeAt = (lines: number) => `bytes=${lines * lineBytes}-`;

describe('a file that broke off', () => {
  test('is gone on with from the first line that is not stored, by Range and If-Range', async () => {
    const conditions: unknown[] = [];
    const ranges = await start((response, from = 0, request) => {
      conditions.push(request.headers['if-range'], request.headers['accept-encoding']);
      part(old, from, old.length - 1, '"one"')(response);
    });
    expect((await bench.run()).state).toBe('DONE');
    expect(ranges).toEqual([undefined, rangeAt(20)]);
    expect(conditions).toEqual(['"one"', 'identity']);
    expect(words()).toEqual([brokeOff]);
    expect(bench.read()?.text).toBe(old.toString());
  });

  test('is gone on with part after part where the server gives less than it is asked for', async () => {
    const ranges = await start((response, from = 0) => {
      part(old, from, Math.min(from + 15 * lineBytes + 3, old.length) - 1, '"one"')(response);
    });
    expect((await bench.run()).state).toBe('DONE');
    expect(ranges.slice(0, 3)).toEqual([undefined, rangeAt(20), `bytes=${35 * lineBytes + 3}-`]);
    expect(bench.read()?.text).toBe(old.toString());
  });

  test('behind its last byte has nothing left to give: 416', async () => {
    const ranges = await start(
      (response) => void response.writeHead(416, { 'content-range': `bytes */${old.length}` }).end(),
      (response) => {
        response.writeHead(200, { ...withTag('"one"'), 'content-length': old.length + 1 });
        response.write(old, () => response.destroy());
      },
    );
    expect((await bench.run()).state).toBe('DONE');
    expect(ranges).toEqual([undefined, rangeAt(60)]);
    expect(words()).toEqual([brokeOff]);
    expect(bench.read()?.text).toBe(old.toString());
  });

  test('is asked for plain, and where no parts can be had of it so, compressed again', async () => {
    const codings: unknown[] = [];
    const serve: Serve = (response, _from, request) => {
      codings.push(request.headers['accept-encoding']);
      body(old)(response);
    };
    const ranges = await start(serve, breakAfter(old, 20 * lineBytes + 7));
    expect((await bench.run()).state).toBe('DONE');
    expect(codings).toEqual(['identity', 'gzip']);
    expect(ranges).toEqual([undefined, undefined, undefined]);
    expect(bench.read()?.text).toBe(old.toString());
  });

  test.each<[string, Serve]>([
    ['says so in an answer with the whole', (response) => body(fresh, 'application/fhir+ndjson')(response)],
    [
      'ignores If-Range, as caches do',
      (response, from) => {
        if (from === undefined) body(fresh, 'application/fhir+ndjson', withTag('"two"'))(response);
        else part(fresh, from, fresh.length - 1, '"two"')(response);
      },
    ],
    [
      'gives parts that do not say of what',
      (response, from) => {
        if (from === undefined) body(fresh)(response);
        else part(fresh, from, fresh.length - 1, undefined)(response);
      },
    ],
    [
      'has nothing that far on: 416',
      (response, from) => {
        if (from === undefined) body(fresh)(response);
        else response.writeHead(416, { 'content-range': `bytes */${lineBytes}` }).end();
      },
    ],
  ])('and is another one by then is read from its beginning, and never mixed: the server %s', async (name, serve) => {
    await start(serve);
    expect((await bench.run()).state).toBe('DONE');
    expect(words()[1]).toBe(
      name.includes('416') ? 'FILE_CHANGED: File 1 of 1: The server answered 416 for it.' : changed,
    );
    expect(bench.read()?.text).toBe(fresh.toString());
  });

  test('and is another one each time, fails, and leaves the data set in use', async () => {
    let version = 3;
    await start((response) =>
      breakAfter(episodeFile(1_000 * version++, 60, filler), 20 * lineBytes + 7, withTag(`"${version}"`))(response),
    );
    const over = await bench.run();
    expect(`${over.failure?.code}: ${over.failure?.cause}`).toBe(changed);
    expect(bench.read()).toEqual(yesterdays);
  });

  test.each<[string, number, Serve, string]>([
    [
      'has fewer bytes than it says',
      1,
      (response, from = 0) => part(old, from, old.length - 1, '"one"', old.subarray(from, -lineBytes))(response),
      'A part of it has fewer bytes than it says.',
    ],
    [
      'has more bytes than it says',
      1,
      (response, from = 0) =>
        part(old, from, from + lineBytes - 1, '"one"', old.subarray(from, from + 2 * lineBytes))(response),
      'A part of it has more bytes than it says.',
    ],
    [
      'is followed by one of another version',
      2,
      (response, from = 0) => {
        const isFirst = from === 20 * lineBytes;
        part(old, from, isFirst ? from + lineBytes - 1 : old.length - 1, isFirst ? '"one"' : '"two"')(response);
      },
      'The server gave a part of it, and then not the one that follows.',
    ],
  ])('is not whole with a part that %s', async (_name, faults, serve, problem) => {
    let left = faults;
    await start((response, from = 0, request) => {
      if (left-- > 0) serve(response, from, request);
      else part(old, from, old.length - 1, '"one"')(response);
    });
    expect((await bench.run()).state).toBe('DONE');
    expect(words()).toContain(`FILE_INCOMPLETE: File 1 of 1: ${problem}`);
    expect(bench.read()?.text).toBe(old.toString());
  });
});

describe('a link', () => {
  const link = /\/files\/0$/;
  test.each([400, 401, 403, 404, 410])(
    'that needs no token and is answered %i has run out: another is asked for',
    async (code) => {
      bench = await startImportBench({ files: [old], requiresAccessToken: false });
      bench.server.intercept = atFirst(link, 1, status(code));
      expect((await bench.run()).state).toBe('DONE');
      expect(words()).toEqual([`FILE_GONE: File 1 of 1: The server answered ${code} for it.`]);
      expect(bench.read()?.text).toBe(old.toString());
    },
  );

  test('that needs a token and is answered 400 is refused', async () => {
    bench = await startImportBench({ files: [old] });
    bench.server.intercept = always(link, status(400));
    expect((await bench.run()).failure?.code).toBe('EXPORT_REFUSED');
  });

  test.each([
    [8_000, 'followed', 'DONE', undefined],
    [9_000, 'not', 'FAILED', 'MANIFEST_UNUSABLE'],
  ] as const)('of %i characters is %s', async (length, _name, state, code) => {
    bench = await startImportBench({ files: [old] });
    const root = `${bench.server.baseUrl.replace(/fhir$/, 'files')}/0?x=`;
    const manifest = {
      transactionTime: '2026-04-16T00:00:00Z',
      requiresAccessToken: true,
      output: [{ type: 'EpisodeOfCare', url: root.padEnd(length, 'a') }],
    };
    bench.server.intercept = always(/poll-status$/, body(JSON.stringify(manifest), 'application/json'));
    const over = await bench.run();
    expect([over.state, over.failure?.code]).toEqual([state, code]);
  });
});

describe('a Binary without data', () => {
  const empty = body(
    '{"resourceType":"Binary","id":"1","contentType":"application/fhir+ndjson"}',
    'application/fhir+json',
  );
  test.each([
    ['that the manifest does not count', undefined, 'FAILED', 'FILE_UNUSABLE: File 1 of 2: A Binary has no data.'],
    ['that is to be empty', 0, 'DONE', undefined],
  ] as const)('%s', async (_name, count, state, words) => {
    bench = await startImportBench({ files: [old, fresh], counts: [count, 60], form: 'binary' });
    bench.server.intercept = always(/Binary\/0$/, empty);
    const { failure, ...over } = await bench.run();
    expect(over.state).toBe(state);
    expect(failure && `${failure.code}: ${failure.cause}`).toBe(words);
  });
});
