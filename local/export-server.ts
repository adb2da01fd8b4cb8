import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createStop } from './close-server.ts';
import { type ExportedFile, fhirJson, sendBinary, sendNdjson } from './export-files.ts';
import { createExportSignIn, type ExportClient, type ExportSignIn } from './export-sign-in.ts';
import type { ServerCertificate } from './self-signed-certificate.ts';

/** What an export server has to export, and how. All of it may be changed while it runs. */
export interface ExportServerOptions {
  /** NDJSON of EpisodeOfCare resources. */
  files: readonly ExportedFile[];
  /** Lines of each file, in the manifest. Without, it gives none. */
  counts?: readonly (number | undefined)[] | undefined;
  /** The manifest's `transactionTime`. */
  transactionTime: string;
  /** `binary`: each as a FHIR Binary with base64 data, as FUT's HAPI server has it. */
  form: 'ndjson' | 'binary';
  /** Whether files are compressed for clients that accept it. */
  isGzip: boolean;
  /** Whether files need a token; else their links are good by themselves. */
  requiresAccessToken: boolean;
  /** How often the status is `202` before the export is complete. */
  polls: number;
  /** Of a `202`. */
  retryAfter: string;
  /** Outputs on a page of the manifest; all on one by default. */
  pageSize?: number | undefined;
  /** Files of `error[]`, NDJSON of OperationOutcome resources. */
  errors: readonly string[];
}

/** What happens to a request before the server looks at it. `true`: it is dealt with. */
export type Interception = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | Promise<boolean>;

/** A FHIR server with Bulk Data export and nothing else, over HTTPS on 127.0.0.1. */
export interface ExportServer extends ExportServerOptions {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** `https://127.0.0.1:<port>/fhir`. */
  readonly baseUrl: string;
  readonly tokenUrl: string;
  /** `GET /fhir/$export`, in order. */
  readonly requests: string[];
  readonly signIn: ExportSignIn;
  intercept: Interception;
  stop(): Promise<void>;
}

interface Export {
  polled: number;
  isComplete: boolean;
}

const answerJson = (response: ServerResponse, status: number, body: unknown, headers: object = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** An OperationOutcome with one issue. */
export const outcomeOf = (severity: string, code: string): object => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code, diagnostics: 'planted: what a server writes goes nowhere' }],
});

const refuse = (response: ServerResponse, status: number, code: string): void =>
  answerJson(response, status, outcomeOf('error', code), { 'content-type': fhirJson });

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const sendFile = async (
  server: ExportServer,
  file: ExportedFile | undefined,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  if (file === undefined) return refuse(response, 404, 'not-found');
  if (server.form === 'ndjson') return sendNdjson(file, server.isGzip, request, response);
  return sendBinary(file, response);
};

const writeManifest = (server: ExportServer, jobId: string, page: number): object => {
  const size = server.pageSize ?? Math.max(server.files.length, 1);
  const root = server.form === 'binary' ? `${server.baseUrl}/Binary/` : `${server.baseUrl.replace(/fhir$/, 'files')}/`;
  const sign = server.requiresAccessToken ? '' : `?signature=${jobId}`;
  const entries = server.files.map((_file, index) => ({
    type: 'EpisodeOfCare',
    url: `${root}${index}${sign}`,
    ...(server.counts?.[index] === undefined ? {} : { count: server.counts[index] }),
  }));
  const isLast = (page + 1) * size >= entries.length;
  const next = { relation: 'next', url: `${server.baseUrl}/$export-poll-status?_jobId=${jobId}&page=${page + 1}` };
  return {
    transactionTime: server.transactionTime,
    request: `${server.baseUrl}/$export?_type=EpisodeOfCare`,
    requiresAccessToken: server.requiresAccessToken,
    output: entries.slice(page * size, (page + 1) * size),
    error:
      page > 0
        ? []
        : server.errors.map((_text, index) => ({ type: 'OperationOutcome', url: `${root}error-${index}${sign}` })),
    ...(isLast ? {} : { link: [next] }),
  };
};

const answerStatus = (
  server: ExportServer,
  one: Export,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
) => {
  if (request.method === 'DELETE') {
    // As FUT's server has it: an export that has finished is not known any more.
    if (one.isComplete) return refuse(response, 404, 'not-found');
    return answerJson(response, 202, outcomeOf('information', 'informational'), { 'content-type': fhirJson });
  }
  if (one.polled < server.polls) {
    one.polled += 1;
    const progress = `${Math.round((100 * one.polled) / (server.polls + 1))} % done`;
    response.writeHead(202, { 'retry-after': server.retryAfter, 'x-progress': progress }).end();
    return;
  }
  one.isComplete = true;
  const page = Number(url.searchParams.get('page') ?? 0);
  answerJson(response, 200, writeManifest(server, url.searchParams.get('_jobId') ?? '', page));
};

const isKickOff = (request: IncomingMessage, url: URL, body: string): boolean => {
  if (request.headers['prefer'] !== 'respond-async') return false;
  if (request.method === 'GET') return url.searchParams.get('_type') === 'EpisodeOfCare';
  return request.headers['cache-control'] === 'no-cache' && body.includes('"_type"') && body.includes('EpisodeOfCare');
};

/** Answers one request, in the order in which such a server looks at it: who asks, then what for. */
const answer = async (
  server: ExportServer,
  exports: Map<string, Export>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = new URL(request.url ?? '', server.baseUrl);
  const path = decodeURIComponent(url.pathname);
  server.requests.push(`${request.method} ${path}`);
  if (await server.intercept(path, request, response)) return;
  if (path === '/fhir/.well-known/smart-configuration')
    return answerJson(response, 200, { token_endpoint: server.tokenUrl });
  if (path === '/token') {
    const { status, json } = await server.signIn.grant(request, await readBody(request), server.tokenUrl);
    return answerJson(response, status, json);
  }
  const [, error, index] = /\/(?:Binary|files)\/(error-)?(\d+)$/.exec(path) ?? [];
  const isSigned =
    index !== undefined && !server.requiresAccessToken && exports.has(url.searchParams.get('signature') ?? '');
  if (!isSigned && !server.signIn.isSignedIn(request)) return refuse(response, 401, 'login');
  if (index !== undefined) {
    const reports = server.errors.map((text) => Buffer.from(text));
    const file = error === undefined ? server.files[Number(index)] : reports[Number(index)];
    return sendFile(server, file, request, response);
  }
  if (/^\/fhir\/(?:Group\/[^/]+\/)?\$export$/.test(path)) {
    if (!isKickOff(request, url, await readBody(request))) return refuse(response, 400, 'invalid');
    const jobId = randomUUID();
    exports.set(jobId, { polled: 0, isComplete: false });
    const location = `${server.baseUrl}/$export-poll-status?_jobId=${jobId}`;
    return void response.writeHead(202, { 'content-location': location }).end();
  }
  const one = exports.get(url.searchParams.get('_jobId') ?? '');
  if (path !== '/fhir/$export-poll-status' || one === undefined) return refuse(response, 404, 'not-found');
  return answerStatus(server, one, request, url, response);
};

/**
 * Starts a server on a free port of 127.0.0.1, HTTPS only, after FHIR Bulk Data Access 2.0.0 and FUT's form of it: signs its client in,
 * exports what it is given, serves it.
 *
 * @param options.client the only one that may sign in
 * @param options.tokenSeconds how long its tokens live; 60 by default
 */
export const startExportServer = async (
  options: Partial<ExportServerOptions> & {
    readonly certificate: ServerCertificate;
    readonly client: ExportClient;
    readonly tokenSeconds?: number;
    readonly now?: () => number;
  },
): Promise<ExportServer> => {
  const { certificate, client, tokenSeconds = 60, now = () => Date.now(), ...wanted } = options;
  const exports = new Map<string, Export>();
  const listener = createServer(certificate, (request, response) => {
    answer(server, exports, request, response).catch(() => response.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const server: ExportServer = {
    files: [],
    transactionTime: new Date(now()).toISOString(),
    form: 'ndjson',
    isGzip: false,
    requiresAccessToken: true,
    polls: 1,
    retryAfter: '1',
    errors: [],
    ...wanted,
    host,
    baseUrl: `https://${host}/fhir`,
    tokenUrl: `https://${host}/token`,
    requests: [],
    signIn: createExportSignIn(client, tokenSeconds, now),
    intercept: () => false,
    stop: createStop(listener),
  };
  return server;
};
