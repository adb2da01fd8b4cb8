import { unpack } from '../episodes/unpack.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { ExchangeAnswer } from './https-exchange.ts';
import { ImportError } from './import-problem.ts';

/** More than this many times its size nothing may unpack to: NDJSON reaches some 30, deflate can reach 1032. */
const mostInflation = 200;
/** Up to so many bytes it may: a small text of one letter repeated does no harm. */
const harmlessBytes = 16 * 1024 * 1024;

const brokeOff = () => new ImportError('EXPORT_UNAVAILABLE', 'The connection broke off amid an answer.');

/** Bytes as they come, counted; a connection that breaks off is told as such. */
async function* countWire(
  answer: ExchangeAnswer,
  seen: { wire: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      seen.wire += chunk.length;
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ImportError ? error : brokeOff();
  }
  if (!answer.body.complete) throw brokeOff();
}

/**
 * The body of an answer without its content coding (gzip or none). Streams; stops what unpacks to more than 200 times its size.
 *
 * @throws ImportError `EXPORT_UNAVAILABLE` when it breaks off, `FILE_INFLATES`, `FILE_UNUSABLE` for another coding; the signal's reason
 */
export async function* readBody(answer: ExchangeAnswer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const coding = (answer.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (!['identity', 'gzip', 'x-gzip'].includes(coding)) {
    answer.body.on('error', () => undefined).destroy();
    throw new ImportError('FILE_UNUSABLE', 'An answer has a content coding that was not asked for.');
  }
  const seen = { wire: 0 };
  const chunks = countWire(answer, seen, signal);
  if (coding === 'identity') yield* chunks;
  else yield* stopInflation(unpack('answer', chunks), seen);
}

/**
 * What a stream unpacks to, until that is out of all proportion.
 *
 * @param seen.wire bytes that came so far
 * @throws ImportError `FILE_INFLATES`; `EXPORT_UNAVAILABLE` for a gzip stream that is cut off or damaged
 */
export async function* stopInflation(
  plain: AsyncIterable<Uint8Array>,
  seen: { readonly wire: number },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of plain) {
      bytes += chunk.length;
      if (bytes > harmlessBytes && bytes > seen.wire * mostInflation) {
        throw new ImportError('FILE_INFLATES', `A file unpacks to more than ${mostInflation} times its size.`);
      }
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ServiceError) throw new ImportError('FILE_INCOMPLETE', 'A gzip stream is cut off or damaged.');
    throw error;
  }
}

/**
 * A small answer as a whole, as text.
 *
 * @throws ImportError as {@link readBody}, and `TOO_LARGE`
 */
export const readText = async (answer: ExchangeAnswer, mostBytes: number, signal: AbortSignal): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readBody(answer, signal)) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new ImportError('TOO_LARGE', `An answer has more than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** The JSON of a small answer, or undefined where it is none. */
export const readJson = async (answer: ExchangeAnswer, mostBytes: number, signal: AbortSignal): Promise<unknown> => {
  const text = await readText(answer, mostBytes, signal);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
