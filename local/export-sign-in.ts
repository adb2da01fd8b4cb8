import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { importJWK, type JWK, jwtVerify } from 'jose';

/** Who may sign in at an export server, and how. */
export type ExportClient =
  | { readonly clientId: string; readonly secret: string }
  | { readonly clientId: string; readonly publicJwk: JWK };

/** The token endpoint of an export server. */
export interface ExportSignIn {
  /** Answers a token request, as RFC 6749 section 5 has it. */
  grant(
    request: IncomingMessage,
    body: string,
    tokenUrl: string,
  ): Promise<{ readonly status: number; readonly json: object }>;
  /** Whether a request carries a token that was given out and lives. */
  isSignedIn(request: IncomingMessage): boolean;
  /** How many tokens were given out. */
  readonly granted: number;
}

const readBasic = (header: string | undefined): readonly string[] => {
  const [, encoded] = /^Basic (.+)$/.exec(header ?? '') ?? [];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  return text.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
};

const isClient = async (
  client: ExportClient,
  request: IncomingMessage,
  form: URLSearchParams,
  tokenUrl: string,
  now: number,
) => {
  if ('secret' in client) {
    const [id, secret] = readBasic(request.headers.authorization);
    return id === client.clientId && secret === client.secret;
  }
  const { clientId, publicJwk } = client;
  const alg = publicJwk.kty === 'RSA' ? 'RS384' : 'ES384';
  const options = {
    audience: tokenUrl,
    issuer: clientId,
    subject: clientId,
    algorithms: [alg],
    maxTokenAge: '5 minutes',
    currentDate: new Date(now),
  };
  try {
    await jwtVerify(form.get('client_assertion') ?? '', await importJWK(publicJwk, alg), options);
    return true;
  } catch {
    return false;
  }
};

/**
 * A token endpoint for one client: SMART Backend Services with RS384 or ES384, or a client secret.
 *
 * @param lifeSeconds how long a token lives
 * @param now milliseconds since the epoch
 */
export const createExportSignIn = (client: ExportClient, lifeSeconds: number, now: () => number): ExportSignIn => {
  const tokens = new Map<string, number>();
  return {
    async grant(request, body, tokenUrl) {
      const form = new URLSearchParams(body);
      if (form.get('grant_type') !== 'client_credentials')
        return { status: 400, json: { error: 'unsupported_grant_type' } };
      if (!(await isClient(client, request, form, tokenUrl, now())))
        return { status: 401, json: { error: 'invalid_client' } };
      const token = `export-${randomUUID()}`;
      tokens.set(token, now() + lifeSeconds * 1000);
      return { status: 200, json: { access_token: token, token_type: 'Bearer', expires_in: lifeSeconds } };
    },
    isSignedIn: ({ headers }) => {
      const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
      return (tokens.get(token) ?? 0) > now();
    },
    get granted() {
      return tokens.size;
    },
  };
};
