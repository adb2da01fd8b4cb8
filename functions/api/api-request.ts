import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Caller } from '../auth/caller.ts';
import type { FormatWish } from '../fhir/content-negotiation.ts';
import type { Ids } from '../platform/ids.ts';
import { ServiceError } from '../platform/service-error.ts';

/** A request as the operations see it. Making one never throws, whatever the event is. */
export interface ApiRequest {
  /** As sent; methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string;
  /** Decoded, below the public base: `/Binary/…`. */
  readonly path: string;
  /** The caller's own `X-Request-Id` where it is sane, else a new UUID. */
  readonly requestId: string;
  readonly wish: FormatWish;
  /** A query parameter's first value, decoded; undefined where it is not there. */
  query(name: string): string | undefined;
  /** A header's value by its lower-case name; repeated headers are joined with a comma. */
  header(name: string): string | undefined;
  /**
   * The body's bytes, decoded from base64 where the gateway encoded it. Empty where there is none.
   *
   * @throws ServiceError `GENERAL_BODY_TOO_LARGE` over 64 kB
   */
  readBody(): Uint8Array;
  /** What log and audit tell of the request; filled in on its way. */
  readonly trace: { route?: string; tenant?: string; caller?: Caller };
}

/** The largest body that is accepted, in bytes. Every body that the service understands is far smaller. */
export const largestBody = 64 * 1024;

const saneRequestId = /^[A-Za-z0-9.-]{1,64}$/;

const readBody = (body: unknown, isBase64: boolean): Uint8Array => {
  if (typeof body !== 'string' || body === '') return new Uint8Array();
  // A byte takes at least one character, and 4/3 of one in base64: over that the body is too large without decoding it.
  if (body.length > Math.ceil(largestBody / 3) * 4) {
    throw new ServiceError('GENERAL_BODY_TOO_LARGE', { args: [String(largestBody)] });
  }
  const bytes = Buffer.from(body, isBase64 ? 'base64' : 'utf8');
  if (bytes.length > largestBody) throw new ServiceError('GENERAL_BODY_TOO_LARGE', { args: [String(largestBody)] });
  return bytes;
};

/**
 * The path below the public base. A named stage stands in front of it, a custom domain's mapping does not (HTTP API, payload 2.0),
 * so a base path that is missing is as good as one that is there.
 */
const readPath = (rawPath: string, stage: string, basePath: string): string => {
  const strip = (path: string, prefix: string) =>
    prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`)) ? path.slice(prefix.length) : path;
  const path = stage === '$default' || stage === '' ? rawPath : strip(rawPath, `/${stage}`);
  return strip(path, basePath) || '/';
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Headers in a Map, so that no header's name means anything to an object. */
const readHeaders = (headers: unknown): ReadonlyMap<string, string> => {
  const read = new Map<string, string>();
  for (const [name, value] of Object.entries((headers ?? {}) as Record<string, unknown>)) {
    if (typeof value === 'string') read.set(name.toLowerCase(), value);
  }
  return read;
};

/** Most requests have none. */
const noQuery = new URLSearchParams();

/** Reads an HTTP API event of payload version 2.0. */
export const readApiRequest = (
  event: Partial<APIGatewayProxyEventV2> | null | undefined,
  basePath: string,
  ids: Ids,
): ApiRequest => {
  const headers = readHeaders(event?.headers);
  const own = headers.get('x-request-id');
  const asked = text(event?.rawQueryString);
  const query = asked === '' ? noQuery : new URLSearchParams(asked);
  const http = event?.requestContext?.http;
  return {
    method: text(http?.method),
    path: readPath(text(event?.rawPath), text(event?.requestContext?.stage), basePath),
    requestId: own !== undefined && saneRequestId.test(own) ? own : ids.uuid(),
    wish: { accept: headers.get('accept'), format: query.get('_format') || undefined },
    query: (name) => query.get(name) ?? undefined,
    header: (name) => headers.get(name),
    readBody: () => readBody(event?.body, event?.isBase64Encoded === true),
    trace: {},
  };
};
