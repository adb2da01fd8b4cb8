import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ServiceError } from '../platform/service-error.ts';

const damaged = (name: string): ServiceError =>
  new ServiceError('DATA_SET_INCOMPLETE', { cause: `${name}: the gzip stream is cut off or damaged` });

/** Chunks again as they came, after as many as it takes to tell gzip from plain have been looked at. */
const peekMagic = async (chunks: AsyncIterator<Uint8Array>) => {
  const seen: Uint8Array[] = [];
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done === true) break;
    seen.push(next.value);
    head = Buffer.concat([head, next.value]).subarray(0, 2);
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield* seen;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  return { isGzip: head[0] === 0x1f && head[1] === 0x8b, all };
};

async function* gunzip(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const engine = createGunzip({ chunkSize: 128 * 1024 });
  let stored = 0;
  let sourceFault: { readonly error: unknown } | undefined;
  const watched = async function* () {
    try {
      for await (const chunk of chunks) {
        stored += chunk.length;
        yield chunk;
      }
    } catch (error) {
      sourceFault = { error };
      throw error;
    }
  };
  const feeding = pipeline(Readable.from(watched(), { objectMode: true }), engine);
  feeding.catch(() => undefined);
  try {
    yield* engine;
    await feeding;
  } catch {
    throw sourceFault === undefined ? damaged(name) : sourceFault.error;
  }
  // At a zero byte after a member zlib stops without an error, and leaves out whatever follows.
  if (engine.bytesWritten !== stored) throw damaged(name);
}

/**
 * The plain bytes of a file that is stored plain or as gzip (RFC 1952, also of several members), told apart by gzip's two
 * magic bytes and never by the file's name. Streams: holds a few chunks at a time. Errors of the source pass through.
 *
 * @param name for the error's cause.
 * @throws ServiceError `DATA_SET_INCOMPLETE` when the gzip stream is cut off, fails its checksum or is followed by anything else.
 */
export async function* unpack(name: string, stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = stored[Symbol.asyncIterator]();
  try {
    const { isGzip, all } = await peekMagic(chunks);
    yield* isGzip ? gunzip(name, all()) : all();
  } finally {
    await chunks.return?.();
  }
}
