import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { ServiceError } from '../platform/service-error.ts';
import { addressRefused, createGuardedLookup } from './guarded-lookup.ts';
import { findAddressProblem } from './https-address.ts';
import type { JwksFetcher } from './issuer-keys.ts';
import { createDnsResolver, type ResolveHost } from './resolve-host.ts';
import { isTrustedPrivateHost, type TrustedPrivateHosts } from './trusted-private-hosts.ts';

/** Bounds of one fetch. */
export interface JwksFetchLimits {
  /** From the first name server query to the last byte, in milliseconds. */
  readonly totalMillis: number;
  /** Size of the document in bytes. */
  readonly bodyBytes: number;
}

/** What the fetcher needs. */
export interface HttpsJwksFetcherOptions {
  readonly trustedPrivateHosts: TrustedPrivateHosts;
  /** Default: the machine's name servers. */
  readonly resolveHost?: ResolveHost;
  /** Default 1.5 s and 150 kB. */
  readonly limits?: JwksFetchLimits;
}

type FetchFailure =
  | 'issuer-address'
  | 'issuer-connection'
  | 'issuer-encoding'
  | 'issuer-status'
  | 'issuer-timeout'
  | 'issuer-too-large';

const defaultLimits: JwksFetchLimits = { totalMillis: 1_500, bodyBytes: 150_000 };

const findResponseFailure = (response: IncomingMessage, bodyBytes: number): FetchFailure | undefined => {
  if (response.statusCode !== 200) return 'issuer-status';
  if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') return 'issuer-encoding';
  return Number(response.headers['content-length'] ?? 0) > bodyBytes ? 'issuer-too-large' : undefined;
};

const collectBody = (
  response: IncomingMessage,
  bodyBytes: number,
  done: (body: Uint8Array) => void,
  fail: (failure: FetchFailure) => void,
): void => {
  const failure = findResponseFailure(response, bodyBytes);
  if (failure !== undefined) {
    fail(failure);
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > bodyBytes) fail('issuer-too-large');
    else chunks.push(chunk);
  });
  response.on('error', () => fail('issuer-connection'));
  response.on('end', () => done(Buffer.concat(chunks)));
};

/**
 * Fetches key sets with one HTTPS GET: no redirect is followed, only status 200 counts, the whole takes at most 1.5 s and the document
 * at most 150 kB. The address connected to must be public unless the operator trusts the host; metadata addresses never pass. Trusts
 * the process's default certificate authorities, `tls.setDefaultCACertificates` included.
 */
export const createHttpsJwksFetcher = (options: HttpsJwksFetcherOptions): JwksFetcher => {
  const { trustedPrivateHosts, resolveHost = createDnsResolver(), limits = defaultLimits } = options;
  // Fetches are minutes apart: a kept connection would be dead when it is wanted again, after a freeze of the container above all.
  const agent = new Agent({ keepAlive: false, rejectUnauthorized: true });

  const fetchUrl = (url: URL): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const lookup = createGuardedLookup(resolveHost, isTrustedPrivateHost(url, trustedPrivateHosts));
      const request = get(url, { agent, lookup, headers: { accept: 'application/jwk-set+json, application/json' } });
      const settle = (): void => {
        clearTimeout(timer);
        request.destroy();
      };
      const fail = (reason: FetchFailure): void => {
        settle();
        reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { retryAfterSeconds: 5, reason }));
      };
      const done = (body: Uint8Array): void => {
        settle();
        resolve(body);
      };
      const timer = setTimeout(() => fail('issuer-timeout'), limits.totalMillis);
      request.on('error', (error: NodeJS.ErrnoException) =>
        fail(error.code === addressRefused ? 'issuer-address' : 'issuer-connection'),
      );
      request.on('response', (response) => collectBody(response, limits.bodyBytes, done, fail));
    });

  return {
    async fetch(jwksUri) {
      if (findAddressProblem(jwksUri, trustedPrivateHosts) !== undefined) {
        throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { retryAfterSeconds: 5, reason: 'issuer-address' });
      }
      return fetchUrl(new URL(jwksUri));
    },
  };
};
