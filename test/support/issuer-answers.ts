import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { IssuerAnswer } from './misbehaving-issuer.ts';
import { type Json, keySetOf, type SigningKey } from './signed-tokens.ts';

const json = { 'content-type': 'application/json' };

/** Publishes these keys, as an issuer in good health does. */
export const publish =
  (...keys: readonly (SigningKey | Json)[]): IssuerAnswer =>
  (_request, response) =>
    void response.writeHead(200, json).end(keySetOf(...keys));

/** Answers with a status and a text, as JSON unless told otherwise. */
export const say =
  (status: number, text: string, headers: Readonly<Record<string, string>> = {}): IssuerAnswer =>
  (_request, response) =>
    void response.writeHead(status, { ...json, ...headers }).end(text);

/** Takes the request and says nothing. */
export const hang: IssuerAnswer = () => {};

/** Sends a byte of white space every few milliseconds, and never ends. */
export const drip: IssuerAnswer = (_request, response) => {
  response.writeHead(200, json);
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => clearInterval(timer));
};

/** Drops the connection before the first byte of an answer. */
export const reset: IssuerAnswer = (request) => void request.socket.destroy();

/** Announces more than it sends, and drops the connection. */
export const breakOff: IssuerAnswer = (request, response) => {
  response.writeHead(200, { ...json, 'content-length': '100' });
  response.write('{"keys":[', () => request.socket.destroy());
};

const pour = async (response: ServerResponse, bytes: number, sent: (bytes: number) => void): Promise<void> => {
  const chunk = Buffer.alloc(65_536, 0x20);
  for (let left = bytes; left > 0 && !response.destroyed; left -= chunk.length) {
    sent(chunk.length);
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
};

/**
 * Sends white space without end (150 MB), as fast as it is taken.
 *
 * @param announced the `content-length` that it names; none by default
 * @param sent is told of every piece that is written, in bytes
 */
export const flood =
  (announced?: number, sent: (bytes: number) => void = () => {}): IssuerAnswer =>
  (_request, response) => {
    response.writeHead(200, { ...json, ...(announced === undefined ? {} : { 'content-length': String(announced) }) });
    void pour(response, announced ?? 150e6, sent);
  };
