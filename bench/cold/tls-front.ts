import { once } from 'node:events';
import type { Server as HttpServer, RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ServerCertificate } from '../../local/self-signed-certificate.ts';

const listen = async (server: Server | HttpServer): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/**
 * Puts TLS before a service of this machine that speaks plain HTTP, on a port of its own, as each service of AWS has a host of its own.
 *
 * @returns its `https://127.0.0.1:<port>`; it listens until the process ends
 */
export const startTlsFront = (certificate: ServerCertificate, plain: string): Promise<string> => {
  const { hostname, port } = new URL(plain);
  const front = createTlsServer(certificate, (socket) => {
    const service = connect(Number(port), hostname);
    for (const [one, other] of [
      [socket, service],
      [service, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  return listen(front);
};

/** CloudWatch Logs, which has no emulator here, as far as the api uses it: it takes whatever it is sent. */
export const startLogSink = (certificate: ServerCertificate): Promise<string> => {
  const take: RequestListener = (request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{}'));
  };
  return listen(createHttpsServer({ ...certificate, keepAlive: true }, take));
};
