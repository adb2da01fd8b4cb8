import { setTimeout as delay } from 'node:timers/promises';
import { fhirAccept } from '../../local/report-client.ts';
import { count, type Ledger } from './ledger.ts';

/** One user of one tenant, who calls the service over HTTP. */
export interface SoakClient {
  readonly tenant: string;
  readonly user: string;
  readonly ledger: Ledger;
  /** One call; no answer at all is status 0. Every status is counted. */
  call(method: string, path: string, own?: CallOptions): Promise<SoakAnswer>;
  /** Calls again while the answer is 429 or 503, as often as `Retry-After` says; and without an answer where a repetition does no harm. */
  callPatiently(method: string, path: string, own?: CallOptions): Promise<SoakAnswer>;
  /** Notes a status that the contract does not know for this call. @returns whether it is one of the expected ones */
  expect(what: string, answer: SoakAnswer, ...statuses: readonly number[]): boolean;
  /** Waits as long as an answer's `Retry-After` says, in seconds; not so long once the load is off. */
  waitFor(answer: SoakAnswer): Promise<void>;
}

/** What goes with a call. */
export interface CallOptions {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back. */
export interface SoakAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly millis: number;
}

/** Longer than the service takes for any answer: the gateway gives up at 30 s. */
const timeoutMillis = 40_000;
/** So often an answer of 429 or 503 is taken for "later". */
const mostRepeats = 60;
/** How long a client waits between two calls once the load is off, in milliseconds. */
const impatience = 1000;

/** The statuses that ask for patience. */
const isLater = ({ status }: SoakAnswer): boolean => status === 429 || status === 503;

/** Whether a call that got no answer may be made again: an order only with a key. */
const isRepeatable = (method: string, { headers = {} }: CallOptions): boolean =>
  method !== 'POST' || 'idempotency-key' in headers;

/** A client with a token. `isOver` tells that no load is made any more, and whoever waits need not wait long. */
export const createSoakClient = (
  { baseUrl, token, tenant, user }: Readonly<Record<'baseUrl' | 'token' | 'tenant' | 'user', string>>,
  ledger: Ledger,
  isOver: () => boolean,
): SoakClient => {
  const own = { authorization: `Bearer ${token}`, accept: fhirAccept, 'content-type': 'application/fhir+json' };

  const call: SoakClient['call'] = async (method, path, { body, headers } = {}) => {
    const begun = performance.now();
    const request = { method, headers: { ...own, ...headers }, signal: AbortSignal.timeout(timeoutMillis) };
    const answer = await fetch(`${baseUrl}/${path}`, body === undefined ? request : { ...request, body })
      .then(async (response) => ({
        status: response.status,
        headers: response.headers,
        bytes: new Uint8Array(await response.arrayBuffer()),
      }))
      .catch(() => ({ status: 0, headers: new Headers(), bytes: new Uint8Array() }));
    count(ledger.statuses, answer.status);
    if (method === 'POST' && (answer.status === 0 || answer.status >= 500)) ledger.unanswered += 1;
    return { ...answer, millis: performance.now() - begun };
  };

  const waitFor: SoakClient['waitFor'] = async ({ headers }) => {
    const wanted = Number(headers.get('retry-after') ?? 1) * 1000;
    await delay(isOver() ? Math.min(wanted, impatience) : wanted);
  };

  return {
    tenant,
    user,
    ledger,
    call,
    waitFor,
    async callPatiently(method, path, options = {}) {
      let answer = await call(method, path, options);
      const again = () => isLater(answer) || (answer.status === 0 && isRepeatable(method, options));
      for (let repeat = 0; again() && repeat < mostRepeats && !isOver(); repeat += 1) {
        await waitFor(answer);
        answer = await call(method, path, options);
      }
      return answer;
    },
    expect(what, { status }, ...statuses) {
      if (statuses.includes(status)) return true;
      // Foreseen: the service is at its limits and says so, or this machine is.
      if (status !== 429 && status !== 503 && status !== 0) count(ledger.surprises, `${what} was answered ${status}`);
      return false;
    },
  };
};
