import type { ExchangeAnswer } from './https-exchange.ts';
import { ImportError } from './import-problem.ts';
import { readBody } from './read-answer.ts';

/** A file is gone on with from here, as long as the server says that it is still this one. */
export interface PartWanted {
  /** The first byte that is wanted. */
  readonly offset: number;
  /** Its `ETag`, a strong one. */
  readonly validator: string;
}

/** Asks for a file from a byte on. Gives answers of 200, 206 and 416 alone. */
export type AskForPart = (wanted: PartWanted) => Promise<ExchangeAnswer>;

const contentRange = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/;

/** First and last byte of what a 206 holds, and the file's size where the server knows it (RFC 9110 section 14.4). */
const readRange = ({ headers }: ExchangeAnswer) => {
  const [, from, to, size] = contentRange.exec(headers['content-range'] ?? '') ?? [];
  if (from === undefined || to === undefined) return undefined;
  return { from: Number(from), to: Number(to), size: size === '*' ? undefined : Number(size) };
};

/**
 * Whether an answer begins with the byte that was wanted, of the file that was wanted. A server has to send the `ETag` in a 206 (RFC 9110
 * section 15.3.7): one that ignores `If-Range`, as caches do, gives itself away by it.
 */
export const isPartOf = (answer: ExchangeAnswer, { offset, validator }: PartWanted): boolean => {
  const { status, headers } = answer;
  const range = readRange(answer);
  const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity';
  if (status !== 206 || !isPlain || headers.etag !== validator || range === undefined) return false;
  const { from, to, size = Number.POSITIVE_INFINITY } = range;
  return from === offset && from <= to && to < size;
};

/** Whether an answer says that there is nothing from that byte on, and that the file ends just before it. */
export const isEndOf = ({ status, headers }: ExchangeAnswer, { offset, validator }: PartWanted): boolean =>
  status === 416 && headers['content-range'] === `bytes */${offset}` && (headers.etag ?? validator) === validator;

/** Lets an answer go that is not read. */
export const dropAnswer = ({ body }: ExchangeAnswer): void => {
  body.on('error', () => undefined).destroy();
};

/**
 * The rest of a file, from a 206 on. A server may give less at a time than it was asked for: the next part is asked for until the end.
 *
 * @param first an answer of which {@link isPartOf} holds
 * @throws ImportError `FILE_INCOMPLETE` for a part that is not as long as it says, or is not followed by the next; and what asking and
 *   reading give
 */
export async function* readParts(
  first: ExchangeAnswer,
  wanted: PartWanted,
  ask: AskForPart,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const incomplete = (why: string) => new ImportError('FILE_INCOMPLETE', why);
  for (let answer = first, next = wanted; ; answer = await ask(next)) {
    if (isEndOf(answer, next)) return dropAnswer(answer);
    const range = isPartOf(answer, next) ? readRange(answer) : undefined;
    if (range === undefined) {
      dropAnswer(answer);
      throw incomplete('The server gave a part of it, and then not the one that follows.');
    }
    let left = range.to - range.from + 1;
    for await (const chunk of readBody(answer, signal)) {
      left -= chunk.length;
      if (left < 0) throw incomplete('A part of it has more bytes than it says.');
      yield chunk;
    }
    if (left > 0) throw incomplete('A part of it has fewer bytes than it says.');
    next = { ...next, offset: range.to + 1 };
    if (next.offset === range.size) return;
  }
}
