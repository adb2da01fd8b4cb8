import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A file that the export has: bytes, or what makes them, for files that are too large to be kept. */
export type ExportedFile = Buffer | (() => Iterable<Buffer>);

/** The content type of FHIR in JSON. */
export const fhirJson = 'application/fhir+json; charset=UTF-8';

function* wrapInBinary(pieces: Iterable<Buffer>): Generator<Buffer> {
  yield Buffer.from('{"resourceType":"Binary","id":"1","contentType":"application/fhir+ndjson","data":"');
  let left: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    const all = left.length === 0 ? piece : Buffer.concat([left, piece]);
    const whole = all.length - (all.length % 3);
    yield Buffer.from(all.toString('base64', 0, whole));
    left = all.subarray(whole);
  }
  yield Buffer.from(`${left.toString('base64')}"}`);
}

const piecesOf = (file: ExportedFile): Iterable<Buffer> => (Buffer.isBuffer(file) ? [file] : file());

/** Sends NDJSON as it is: whole or from a byte on, with a strong validator; compressed for who accepts it. */
export const sendNdjson = async (
  file: ExportedFile,
  isGzip: boolean,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const type = { 'content-type': 'application/fhir+ndjson' };
  if (isGzip && /\bgzip\b/.test(String(request.headers['accept-encoding']))) {
    response.writeHead(200, { ...type, 'content-encoding': 'gzip' });
    await pipeline(Readable.from(piecesOf(file)), createGzip({ level: 1 }), response);
    return;
  }
  if (!Buffer.isBuffer(file)) {
    response.writeHead(200, type);
    await pipeline(Readable.from(piecesOf(file)), response);
    return;
  }
  const etag = `"${createHash('sha256').update(file).digest('hex').slice(0, 16)}"`;
  const headers = { ...type, etag, 'accept-ranges': 'bytes' };
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined || request.headers['if-range'] !== etag) {
    response.writeHead(200, { ...headers, 'content-length': file.length }).end(file);
    return;
  }
  const rest = file.subarray(Number(from));
  const range = `bytes ${from}-${file.length - 1}/${file.length}`;
  response.writeHead(206, { ...headers, 'content-range': range, 'content-length': rest.length }).end(rest);
};

/** Sends a file as a FHIR Binary whose `data` is the file in base64, as FUT's HAPI server has it. */
export const sendBinary = async (file: ExportedFile, response: ServerResponse): Promise<void> => {
  response.writeHead(200, { 'content-type': fhirJson });
  await pipeline(Readable.from(wrapInBinary(piecesOf(file))), response);
};
