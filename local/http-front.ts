import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createStop } from './close-server.ts';
import { toGatewayEvent } from './gateway-event.ts';

/** Calls the api function with an event; rejects when the function fails. */
export type InvokeApi = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** A listening front. */
export interface HttpFront {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** From now on requests go to this function; before, they are answered 503. */
  serve(invoke: InvokeApi): void;
  stop(): Promise<void>;
}

/** Limits of the gateway and of Lambda that a caller can meet (AWS, "Quotas for HTTP APIs" and "Lambda quotas"). */
const limits = {
  bodyBytes: 10 * 1024 * 1024,
  headerBytes: 10_240,
  responseBytes: 6_291_556,
  integrationMillis: 30_000,
};

/** What the gateway answers by itself, in its own form. */
const gatewayMessages = {
  400: 'Bad Request',
  413: 'Request Entity Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly status: keyof typeof gatewayMessages;

  constructor(status: keyof typeof gatewayMessages) {
    super(gatewayMessages[status]);
    this.status = status;
  }
}

/** A body that is too large is read to its end all the same, so that its sender hears of it, but not kept. */
const readBody = async (request: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= limits.bodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > limits.bodyBytes) throw new GatewayRefusal(413);
  return Buffer.concat(chunks);
};

const readEvent = async (request: IncomingMessage): Promise<APIGatewayProxyEventV2> => {
  const { method = '', url: target = '', rawHeaders } = request;
  const headerBytes = method.length + target.length + rawHeaders.join('  ').length;
  if (headerBytes > limits.headerBytes) throw new GatewayRefusal(431);
  const sourceIp = request.socket.remoteAddress ?? '';
  const event = toGatewayEvent({ method, target, rawHeaders, sourceIp, body: await readBody(request) });
  if (event === undefined) throw new GatewayRefusal(400);
  return event;
};

/** The function's answer, or what the gateway says when there is none in time, or none that it can use. */
const callFunction = async (
  invoke: InvokeApi,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new GatewayRefusal(503)), limits.integrationMillis);
  });
  try {
    const result = await Promise.race([invoke(event), tooLate]);
    if (Buffer.byteLength(JSON.stringify(result)) > limits.responseBytes) throw new GatewayRefusal(500);
    return result;
  } finally {
    clearTimeout(timer);
  }
};

const writeResult = (
  result: APIGatewayProxyStructuredResultV2,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  const body = Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8');
  response.statusCode = result.statusCode ?? 200;
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value));
  if (result.cookies !== undefined) response.setHeader('set-cookie', result.cookies);
  const hasBody = request.method !== 'HEAD' && response.statusCode !== 204 && response.statusCode !== 304;
  if (!hasBody) {
    response.end();
    return;
  }
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', body.byteLength);
  response.end(body);
};

const writeRefusal = (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof GatewayRefusal ? error.status : 500;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  // A body that was not read to its end would be taken for the next request.
  const connection = request.complete ? 'keep-alive' : 'close';
  response.writeHead(status, { 'content-type': 'application/json', connection });
  response.end(JSON.stringify({ message: gatewayMessages[status] }));
};

/**
 * Starts the stand-in for API Gateway on 127.0.0.1: a thin adapter from HTTP to events of payload 2.0 and back, with the gateway's
 * own answers where it does not ask the function: 400, 413 over 10 MB, 431 over 10 240 bytes of request line and headers, 500
 * when the function fails or its answer is over Lambda's 6 MB, 503 after 30 s.
 *
 * @param port 0 for a free one
 * @throws Error with code `EADDRINUSE` when the port is taken
 */
export const startHttpFront = async (port: number): Promise<HttpFront> => {
  let invoke: InvokeApi = () => Promise.reject(new GatewayRefusal(503));
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    readEvent(request)
      .then((event) => callFunction(invoke, event))
      .then((result) => writeResult(result, request, response))
      .catch((error: unknown) => writeRefusal(error, request, response));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (next) => {
      invoke = next;
    },
    stop: createStop(server),
  };
};
