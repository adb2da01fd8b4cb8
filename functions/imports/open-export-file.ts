import { unpack } from '../episodes/unpack.ts';
import type { Clock } from '../platform/clock.ts';
import type { BulkDataClient } from './bulk-data-client.ts';
import { decodeBinary } from './decode-binary.ts';
import type { ExportFile } from './export-manifest.ts';
import type { ExchangeAnswer } from './https-exchange.ts';
import { ImportError } from './import-problem.ts';
import { readBody, stopInflation } from './read-answer.ts';
import { dropAnswer, isEndOf, isPartOf, type PartWanted, readParts } from './read-parts.ts';
import { readRetryAfter } from './retry-after.ts';

/** What asking for files needs. */
export interface FileDependencies {
  readonly client: BulkDataClient;
  readonly clock: Clock;
}

/** From where a file is wanted. */
export interface FileWanted {
  /** Its plain bytes that are stored already. */
  readonly stored: number;
  /** Those of them that need not come again, as long as the file has that validator. */
  readonly offset: number;
  readonly validator?: string | undefined;
}

/** A file of an export that is being read. */
export interface OpenFile {
  /** Its plain bytes, from `from` on. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Where the bytes begin: where it was asked for, if the server can give a part of it, else 0. */
  readonly from: number;
  /** By which a part of it can be asked for later. Known once the first chunk was read; only where the bytes are the file's own. */
  validator(): string | undefined;
}

const jsonTypes = /^application\/(?:fhir\+json|json\+fhir|json)\s*(?:;|$)/i;
const strongTag = /^"[\x21\x23-\x7e]{1,256}"$/;

/**
 * What a status means that is not the one hoped for. A link that has run out is answered 403 by most stores; where it is good by itself,
 * also 400 (S3 with `ExpiredToken`, Google Cloud Storage) or 401.
 */
const explainStatus = ({ status, headers }: ExchangeAnswer, needsToken: boolean, now: number): ImportError => {
  const cause = `The server answered ${status} for it.`;
  const gone = needsToken ? [403, 404, 410] : [400, 401, 403, 404, 410];
  if (gone.includes(status)) return new ImportError('FILE_GONE', cause);
  if (status === 401) return new ImportError('SIGN_IN_REFUSED', cause);
  if (status === 416) return new ImportError('FILE_CHANGED', cause);
  const isPassing = [408, 425, 429].includes(status) || status >= 500;
  const wish = readRetryAfter(headers['retry-after'], now);
  return new ImportError(isPassing ? 'EXPORT_UNAVAILABLE' : 'EXPORT_REFUSED', cause, wish);
};

/** Whether its bytes have positions of their own: neither compressed on the way nor wrapped in a Binary. */
const isPlain = ({ headers }: ExchangeAnswer): boolean =>
  !jsonTypes.test(headers['content-type'] ?? '') && (headers['content-encoding'] ?? 'identity') === 'identity';

/** By which a part of a file can be asked for later, as the answer with the whole says. */
const findValidator = (answer: ExchangeAnswer): string | undefined => {
  const { etag = '', 'accept-ranges': ranges = '' } = answer.headers;
  return answer.status === 200 && isPlain(answer) && /\bbytes\b/.test(ranges) && strongTag.test(etag)
    ? etag
    : undefined;
};

const readWhole = (answer: ExchangeAnswer, mayBeEmpty: boolean, signal: AbortSignal): OpenFile => {
  const isJson = jsonTypes.test(answer.headers['content-type'] ?? '');
  let isPacked = true;
  const chunks = async function* () {
    const seen = { wire: 0 };
    const body = readBody(answer, signal);
    const content = (async function* () {
      for await (const chunk of isJson ? decodeBinary(body, mayBeEmpty) : body) {
        if (seen.wire === 0) isPacked = chunk[0] === 0x1f;
        seen.wire += chunk.length;
        yield chunk;
      }
    })();
    yield* stopInflation(unpack('file', content), seen);
  };
  return { chunks: chunks(), from: 0, validator: () => (isPacked ? undefined : findValidator(answer)) };
};

/**
 * Opens a file of an export: NDJSON, the same as a gzip file, or a FHIR Binary that holds either in base64, with or without gzip as
 * content coding. Where a part is wanted and the server has given a strong validator before, it is asked for that part alone. A part that
 * is not certain to be of that file is left, and the whole asked for: what is stored is then compared. The first time it is asked for
 * compressed; then plain, if parts can be had of it so.
 *
 * @throws ImportError `FILE_GONE`, `FILE_CHANGED`, `EXPORT_UNAVAILABLE`, `EXPORT_REFUSED`, `SIGN_IN_REFUSED`; while reading also
 *   `FILE_UNUSABLE`, `FILE_INCOMPLETE` and `FILE_INFLATES`; the signal's reason
 */
export const openExportFile = async (
  { client, clock }: FileDependencies,
  { url, count }: ExportFile,
  needsToken: boolean,
  wanted: FileWanted,
  signal: AbortSignal,
): Promise<OpenFile> => {
  const accept = 'application/fhir+ndjson, application/x-ndjson;q=0.9, */*;q=0.1';

  const ask = async (headers: Readonly<Record<string, string>>, isHoped: (answer: ExchangeAnswer) => boolean) => {
    const answer = await client.open(url, needsToken, { accept, ...headers }, signal);
    if (answer.status === 200 || isHoped(answer)) return answer;
    dropAnswer(answer);
    throw explainStatus(answer, needsToken, clock.now());
  };
  const askForPart = (part: PartWanted) => {
    const headers = { 'accept-encoding': 'identity', range: `bytes=${part.offset}-`, 'if-range': part.validator };
    return ask(headers, (answer) => answer.status === 206 || isEndOf(answer, part));
  };

  const { stored, offset, validator } = wanted;
  if (stored > 0) {
    const part = offset > 0 && validator !== undefined ? { offset, validator } : undefined;
    const answer = await (part === undefined ? ask({ 'accept-encoding': 'identity' }, () => false) : askForPart(part));
    if (part !== undefined && (isPartOf(answer, part) || isEndOf(answer, part))) {
      return { chunks: readParts(answer, part, askForPart, signal), from: offset, validator: () => validator };
    }
    if (findValidator(answer) !== undefined) return readWhole(answer, count === 0, signal);
    dropAnswer(answer);
  }
  return readWhole(await ask({ 'accept-encoding': 'gzip' }, () => false), count === 0, signal);
};
