import { Readable } from 'node:stream';
import type { AnswerBody, Exchange, ExchangeRequest } from '../../../functions/imports/https-exchange.ts';
import { ImportError } from '../../../functions/imports/import-problem.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import type { ServerAnswer, SimulatedExportServer } from './export-server.ts';

/** As `functions/imports/https-exchange.ts` has it, in milliseconds. */
const timeout = 30_000;

const nameOf = ({ method, url }: ExchangeRequest): string => {
  if (method === 'DELETE') return 'remove';
  const [kind = ''] = new URL(url).pathname.slice('/r4/'.length).split('/');
  const names: Readonly<Record<string, string>> = { token: 'token', $export: 'kick-off', 'planted-link': 'file' };
  return names[kind] ?? 'status';
};

/** A body whose first part came with the answer; each further one is a call of its own, made when it is wanted and no sooner. */
const createBody = (process: SimulatedProcess, { parts, isCut }: ServerAnswer, signal: AbortSignal): AnswerBody => {
  const waiting = [...parts];
  let isFirst = true;
  let complete = false;
  const body: Readable = new Readable({
    highWaterMark: 0,
    read() {
      const part = waiting.shift();
      if (part === undefined) {
        complete = !isCut;
        if (isCut) body.destroy(new Error('the connection is lost'));
        else body.push(null);
      } else if (isFirst) {
        isFirst = false;
        body.push(part);
      } else {
        const call = { service: 'exports', operation: 'body', timeout, signal };
        process
          .call(call, () => part)
          .then(
            (come) => void body.push(come),
            (error: Error) => void body.destroy(error),
          );
      }
    },
  });
  return Object.defineProperty(body, 'complete', { get: () => complete }) as AnswerBody;
};

/** The way of a container to a tenant's server: what guards it in the world is tested elsewhere. */
export const createSimulatedExchange = (process: SimulatedProcess, server: SimulatedExportServer): Exchange => ({
  async send(request, signal) {
    const call = { service: 'exports', operation: nameOf(request), timeout, signal };
    try {
      const answer = await process.call(call, () => server.answer(request));
      return { ...answer, url: request.url, body: createBody(process, answer, signal) };
    } catch {
      signal.throwIfAborted();
      throw new ImportError('EXPORT_UNAVAILABLE', 'The connection failed.');
    }
  },
  close() {},
});
