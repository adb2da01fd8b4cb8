import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** What this process asks of an S3 endpoint, request by request. */
export interface S3Watch {
  /** `GET /bucket/key`, without queries, in the order in which they were sent; forgets them. */
  take(): readonly string[];
  stop(): void;
}

const channel = 'http.client.request.start';

/** Notes every request that the process sends to an endpoint, from whichever client. */
export const watchS3 = (endpoint: string): S3Watch => {
  const { host } = new URL(endpoint);
  let seen: string[] = [];
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    // The emulator answers SQS at the same address; what S3 is asked for has a bucket in its path.
    if (request.getHeader('host') !== host || request.path === '/') return;
    seen.push(`${request.method} ${decodeURIComponent(request.path.split('?')[0] ?? '')}`);
  };
  subscribe(channel, note);
  return {
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
    stop: () => void unsubscribe(channel, note),
  };
};
