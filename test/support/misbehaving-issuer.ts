import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createSelfSignedCertificate } from '../../local/self-signed-certificate.ts';

/** An HTTPS server on 127.0.0.1 that answers as the test wants. */
export interface MisbehavingIssuer {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly port: number;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** Connections that were opened to it. */
  readonly connections: () => number;
  /** What happens to every request from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  stop(): Promise<void>;
}

/**
 * Starts one. Its certificate is good for 127.0.0.1 and `hostnames`, and trusted by this process from then on, in the way in which
 * the embedded runtime makes its own trusted.
 *
 * @param options.trusted `false`: nobody is told to trust the certificate.
 */
export const startMisbehavingIssuer = async (
  options: { readonly hostnames?: readonly string[]; readonly trusted?: boolean } = {},
): Promise<MisbehavingIssuer> => {
  const certificate = await createSelfSignedCertificate(['127.0.0.1', ...(options.hostnames ?? [])]);
  if (options.trusted !== false) setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
  const requests: string[] = [];
  let connections = 0;
  const issuer = { answer: (_request: IncomingMessage, response: ServerResponse) => void response.end('{}') };
  const server = createServer(certificate, (request, response) => {
    requests.push(request.url ?? '');
    issuer.answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(issuer, {
    host: `127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
};
