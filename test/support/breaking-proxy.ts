import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/** What the proxy does to the answers of GET requests whose path ends with a text. */
export interface Breakage {
  readonly pathEnd: string;
  /** Bytes of the body that pass before the connection breaks. */
  readonly afterBytes: number;
  /** How many answers break; later ones pass whole. */
  times: number;
}

/** An HTTP proxy on 127.0.0.1 in front of one server. */
export interface BreakingProxy {
  readonly endpoint: string;
  /** `Range` of each GET that came by, or `undefined`, by path end. */
  readonly ranges: (pathEnd: string) => readonly (string | undefined)[];
  /** Breaks answers from now on. */
  breakAnswers(breakage: Breakage): void;
  stop(): Promise<void>;
}

const passAnswer = (from: IncomingMessage, to: ServerResponse, breakage: Breakage | undefined): void => {
  to.writeHead(from.statusCode ?? 502, from.headers);
  if (breakage === undefined || breakage.times <= 0) {
    from.pipe(to);
    return;
  }
  breakage.times -= 1;
  let left = breakage.afterBytes;
  from.on('data', (chunk: Buffer) => {
    if (left <= 0) return;
    to.write(chunk.subarray(0, left), () => {
      if (left <= 0) to.destroy();
    });
    left -= chunk.length;
  });
};

/** Starts a proxy that passes everything on until it is told to break something. */
export const startBreakingProxy = async (target: string): Promise<BreakingProxy> => {
  const seen: { readonly path: string; readonly range: string | undefined }[] = [];
  let planned: Breakage | undefined;
  const server: Server = createServer((incoming, answer) => {
    const path = (incoming.url ?? '').split('?')[0] ?? '';
    if (incoming.method === 'GET') seen.push({ path, range: incoming.headers.range });
    const { method, headers } = incoming;
    const outgoing = request(`${target}${incoming.url}`, { method: method ?? 'GET', headers }, (from) => {
      const breaks = method === 'GET' && planned !== undefined && path.endsWith(planned.pathEnd);
      passAnswer(from, answer, breaks ? planned : undefined);
    });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the proxy listens on no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    ranges: (pathEnd) => seen.filter(({ path }) => path.endsWith(pathEnd)).map(({ range }) => range),
    breakAnswers(breakage) {
      planned = breakage;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
