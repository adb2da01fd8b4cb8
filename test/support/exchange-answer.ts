import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { ExchangeAnswer } from '../../functions/imports/https-exchange.ts';

/** An answer that has come whole. */
export const answerOf = (
  status: number,
  text: string | Buffer,
  headers: Record<string, string> = {},
): ExchangeAnswer => {
  const body = new IncomingMessage(new Socket());
  body.push(text);
  body.push(null);
  body.complete = true;
  return { status, headers, url: 'https://fhir.example.dk/r4', body };
};
