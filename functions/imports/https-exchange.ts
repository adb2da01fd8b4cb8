import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as startRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { addressRefused, createGuardedLookup } from '../auth/guarded-lookup.ts';
import { findAddressProblem } from '../auth/https-address.ts';
import { type ImportSource, isAllowedHost } from '../auth/import-source.ts';
import { createDnsResolver, type ResolveHost } from '../auth/resolve-host.ts';
import { isTrustedPrivateHost, type TrustedPrivateHosts } from '../auth/trusted-private-hosts.ts';
import { longestLink } from './import-limits.ts';
import { ImportError } from './import-problem.ts';

/** One request to a tenant's server. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent as `Authorization`, to this host alone: a redirect to another origin goes without it. */
  readonly authorization?: string | undefined;
}

/** The bytes of an answer, a stream of Buffers. */
export interface AnswerBody extends Readable {
  /** Once it has ended: whether it came whole. */
  readonly complete: boolean;
}

/** What came back. The body has to be read, or destroyed. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where it came from in the end. */
  readonly url: string;
  /** As it came over the wire: `content-encoding` is the reader's. Ends in an error when it breaks off. */
  readonly body: AnswerBody;
}

/** Requests to the hosts that a tenant allows. */
export interface Exchange {
  /**
   * Sends a request. GET follows up to three redirects; any other redirect is refused.
   *
   * @throws ImportError `ADDRESS_REFUSED`, `HOST_NOT_ALLOWED`, `REDIRECT_REFUSED`, `EXPORT_UNAVAILABLE`; the signal's reason when aborted
   */
  send(request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeAnswer>;
  /** Closes the connections that are kept. */
  close(): void;
}

/** Opens exchanges with the server of a tenant. */
export type OpenExchange = (source: ImportSource) => Exchange;

/** What an exchange needs. */
export interface ExchangeOptions {
  readonly source: Pick<ImportSource, 'baseUrl' | 'hosts'>;
  readonly trustedPrivateHosts: TrustedPrivateHosts;
  /** Default: the machine's name servers. */
  readonly resolveHost?: ResolveHost;
  /** From a request to its answer's first byte, and the server's longest silence amid an answer, in milliseconds. Default 30 s. */
  readonly silence?: number;
}

const mostRedirects = 3;
/** Of a host that is refused, this much is told. */
const longestHost = 100;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const unavailable = (why: string) => new ImportError('EXPORT_UNAVAILABLE', why);

const toImportError = (error: NodeJS.ErrnoException): ImportError => {
  if (error.code === addressRefused) {
    return new ImportError('ADDRESS_REFUSED', 'The host has a private or reserved address, which is not called.');
  }
  if (error.code === 'ENOTFOUND') return unavailable('The host has no address.');
  const isCertificate = /CERT|TLS|SSL|SIGNATURE|ALTNAME/.test(error.code ?? '');
  return unavailable(isCertificate ? 'The certificate of the host is not to be trusted.' : 'The connection failed.');
};

/**
 * Ends an answer whose server says nothing for so long. While what it has said waits to be read, the silence is ours (a segment is being
 * stored, say): nothing more is taken from the connection until then.
 */
const breakSilence = (response: IncomingMessage, silence: number): void => {
  let wasOurs = false;
  response.setTimeout(silence, () => {
    const isOurs = response.readableLength > 0;
    if (!isOurs && !wasOurs) {
      response.destroy(unavailable('The server went silent amid an answer.'));
      return;
    }
    // The whole time once more after ours, since the server's may have begun only now. A timeout of a socket fires once, until it is set.
    wasOurs = isOurs;
    response.socket.setTimeout(silence);
  });
};

/**
 * Requests over HTTPS with the guard against server-side request forgery (OWASP API7:2023): https only, hosts that the tenant's record
 * allows, and no private or reserved address at the moment of connecting unless the operator trusts the host.
 */
export const createHttpsExchange = (options: ExchangeOptions): Exchange => {
  const { source, trustedPrivateHosts, resolveHost = createDnsResolver(), silence = 30_000 } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: true });

  const requireAllowed = (text: string): URL => {
    const problem = findAddressProblem(text, trustedPrivateHosts, longestLink);
    if (problem !== undefined) throw new ImportError('ADDRESS_REFUSED', `An address ${problem}.`);
    const url = new URL(text);
    if (isAllowedHost(source, url)) return url;
    throw new ImportError(
      'HOST_NOT_ALLOWED',
      `The host ${url.host.slice(0, longestHost)} is not among the hosts that the tenant allows.`,
    );
  };

  const sendOnce = (
    url: URL,
    { method, headers = {}, body, authorization }: ExchangeRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const lookup = createGuardedLookup(resolveHost, isTrustedPrivateHost(url, trustedPrivateHosts));
      const all = { ...headers, ...(authorization === undefined ? {} : { authorization }) };
      const request = startRequest(url, { method, agent, lookup, headers: all, signal });
      const timer = setTimeout(() => request.destroy(unavailable('The server did not answer in time.')), silence);
      request.on('error', (error) => {
        clearTimeout(timer);
        if (signal.aborted) reject(signal.reason);
        else reject(error instanceof ImportError ? error : toImportError(error));
      });
      request.on('response', (response) => {
        clearTimeout(timer);
        breakSilence(response, silence);
        resolve(response);
      });
      request.end(body);
    });

  const follow = (from: URL, location: string | undefined): string => {
    if (location !== undefined && URL.canParse(location, from.href)) return new URL(location, from).href;
    throw new ImportError('REDIRECT_REFUSED', 'A redirect does not say where to.');
  };

  return {
    async send(request, signal) {
      let url = requireAllowed(request.url);
      let authorization = request.authorization;
      for (let hops = 0; hops <= mostRedirects; hops++) {
        const body = await sendOnce(url, { ...request, authorization }, signal);
        const status = body.statusCode ?? 0;
        if (!redirects.has(status)) return { status, headers: body.headers, url: url.href, body };
        body.on('error', () => undefined).destroy();
        if (request.method !== 'GET') {
          throw new ImportError('REDIRECT_REFUSED', 'A redirect is followed for GET alone.');
        }
        const next = requireAllowed(follow(url, body.headers.location));
        if (next.origin !== url.origin) authorization = undefined;
        url = next;
      }
      throw new ImportError('REDIRECT_REFUSED', `More than ${mostRedirects} redirects.`);
    },
    close: () => agent.destroy(),
  };
};
