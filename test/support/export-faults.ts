import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Interception, outcomeOf } from '../../local/export-server.ts';

/** Deals with the first so many requests for paths like this one, and leaves the rest to the server. */
export const atFirst = (
  path: RegExp,
  times: number,
  fault: (response: ServerResponse, path: string) => void,
): Interception => {
  let left = times;
  return (asked, _request, response) => {
    if (!path.test(asked) || left === 0) return false;
    left -= 1;
    fault(response, asked);
    return true;
  };
};

/** Deals with every request for paths like this one. */
export const always = (path: RegExp, fault: (response: ServerResponse, path: string) => void): Interception =>
  atFirst(path, Number.POSITIVE_INFINITY, fault);

/** A status, with or without an OperationOutcome. */
export const status =
  (code: number, issue?: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(code, { 'content-type': 'application/fhir+json', ...headers });
    response.end(issue === undefined ? 'planted: text of a server' : JSON.stringify(outcomeOf('error', issue)));
  };

/** Sends the first bytes of a file and then breaks the connection. */
export const breakAfter =
  (file: Buffer, bytes: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/fhir+ndjson', 'content-length': file.length, ...headers });
    response.write(file.subarray(0, bytes), () => response.destroy());
  };

/** A body of any type. */
export const body =
  (bytes: Buffer | string, type = 'application/fhir+ndjson', headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(200, { 'content-type': type, ...headers }).end(bytes);

/** A redirect. */
export const redirect =
  (location: string, code = 302) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, { location }).end();

/** What unpacks to so many mebibytes of lines. */
export const bomb = (mebibytes: number): Buffer => {
  const line = Buffer.from(`{"resourceType":"EpisodeOfCare","x":"${' '.repeat(1024 * 1024 - 64)}"}\n`);
  return gzipSync(Buffer.concat(Array.from({ length: mebibytes }, () => line)), { level: 9 });
};
