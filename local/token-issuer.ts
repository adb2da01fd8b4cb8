import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createStop } from './close-server.ts';
import { type Realms, signToken, type TokenWish } from './issuer-realms.ts';
import { createSelfSignedCertificate } from './self-signed-certificate.ts';

/** The token issuer of the embedded runtime: one realm a tenant, each with a key of its own, laid out as Keycloak does. */
export interface TokenIssuer {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** `127.0.0.1:<port>`: what `TRUSTED_PRIVATE_HOSTS` has to name. */
  readonly host: string;
  /** The certificate, PEM: what a client has to trust. */
  readonly certificate: string;
  /** Where a tenant's keys are published. */
  jwksUri(tenant: string): string;
  /**
   * One signed JWT of a tenant.
   *
   * @throws Error when the issuer has no such tenant
   */
  sign(tenant: string, wish?: TokenWish): Promise<string>;
  stop(): Promise<void>;
}

const answerJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
};

const realmPath = /^\/realms\/([a-z0-9-]+)\/(protocol\/openid-connect\/certs|tokens)$/;

const answer = async (keys: Realms, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url === '/instance') return answerJson(response, 200, { pid: process.pid });
  const [, tenant = '', endpoint] = realmPath.exec(request.url ?? '') ?? [];
  const realm = keys.realms[tenant];
  if (realm === undefined) return answerJson(response, 404, { error: 'realm_not_found' });
  if (endpoint !== 'tokens') return answerJson(response, 200, { keys: [realm.publicJwk] });
  if (request.method !== 'POST') return answerJson(response, 405, { error: 'method_not_allowed' });
  const wish = (await readJson(request)) as TokenWish;
  return answerJson(response, 200, { access_token: await signToken(realm, wish), token_type: 'Bearer' });
};

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/**
 * Starts the issuer on a free port of 127.0.0.1, HTTPS only.
 *
 * `GET /realms/<tenant>/protocol/openid-connect/certs` publishes the tenant's key set; `POST /realms/<tenant>/tokens` with a
 * {@link TokenWish} as JSON answers `{"access_token":"…"}`. There is no password: who reaches 127.0.0.1 may have any token of it.
 */
export const startTokenIssuer = async (keys: Realms): Promise<TokenIssuer> => {
  const { key, cert } = await createSelfSignedCertificate(['127.0.0.1']);
  const server = createServer({ key, cert }, (request, response) => {
    answer(keys, request, response).catch(() => answerJson(response, 400, { error: 'invalid_request' }));
  });
  const host = `127.0.0.1:${await listen(server)}`;
  return {
    url: `https://${host}`,
    host,
    certificate: cert,
    jwksUri: (tenant) => `https://${host}/realms/${tenant}/protocol/openid-connect/certs`,
    sign: (tenant, wish) => {
      const realm = keys.realms[tenant];
      if (realm === undefined) throw new Error(`the issuer has no tenant ${tenant}`);
      return signToken(realm, wish);
    },
    stop: createStop(server),
  };
};
