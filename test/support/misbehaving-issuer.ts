import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createTestAuthority, type TestAuthority, trustedAuthority } from './test-authority.ts';

/** What an issuer does with one request. */
export type IssuerAnswer = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTPS server on 127.0.0.1 that answers as the test wants. */
export interface MisbehavingIssuer {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly port: number;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** Connections that were opened to it. */
  readonly connections: () => number;
  /** What happens to requests for a path, before `answer`. */
  readonly at: Map<string, IssuerAnswer>;
  /** What happens to every other request from now on. */
  answer: IssuerAnswer;
  stop(): Promise<void>;
}

/** What may be wrong with an issuer's certificate. */
export type CertificateFault = 'other-authority' | 'other-host' | 'expired';

const issueCertificate = async (fault: CertificateFault | undefined, hostnames: readonly string[]) => {
  const own = (): Promise<TestAuthority> => createTestAuthority('authority of nobody');
  const authority = fault === 'other-authority' ? await own() : await trustedAuthority();
  return authority.issue(fault === 'other-host' ? ['login.elsewhere.dk'] : hostnames, fault === 'expired');
};

/**
 * Starts one. Its certificate is good for 127.0.0.1 and `hostnames`, and issued by an authority that this process trusts from then on.
 *
 * @param options.certificate what is wrong with the certificate; nothing by default.
 */
export const startMisbehavingIssuer = async (
  options: { readonly hostnames?: readonly string[]; readonly certificate?: CertificateFault } = {},
): Promise<MisbehavingIssuer> => {
  const { hostnames = [] } = options;
  const certificate = await issueCertificate(options.certificate, ['127.0.0.1', ...hostnames]);
  const requests: string[] = [];
  const at = new Map<string, IssuerAnswer>();
  let connections = 0;
  const issuer = { answer: (_request: IncomingMessage, response: ServerResponse) => void response.end('{}') };
  const server = createServer(certificate, (request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    (at.get(path) ?? issuer.answer)(request, response);
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
    at,
    connections: () => connections,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
};
