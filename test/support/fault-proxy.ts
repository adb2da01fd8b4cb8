import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createFaultPlans, type Fault, type FaultPlan, type SeenRequest } from './fault-plans.ts';

/** A proxy on 127.0.0.1 in front of one server. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Everything that came by since the start or the last `heal`, befallen or not. */
  readonly seen: readonly SeenRequest[];
  /** From now on; of several plans that fit a request the first one counts. */
  inject(plan: FaultPlan): void;
  /** Forgets all plans and all that was seen. */
  heal(): void;
  /** Resolves when a request with this operation comes by. */
  next(operation: string): Promise<void>;
  stop(): Promise<void>;
}

const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const writeSlowly = (answer: ServerResponse, body: Buffer, { bytes, millis }: Fault & { kind: 'drip' }): void => {
  let at = 0;
  const timer = setInterval(() => {
    answer.write(body.subarray(at, at + bytes));
    at += bytes;
    if (at < body.length) return;
    clearInterval(timer);
    answer.end();
  }, millis);
  answer.once('close', () => clearInterval(timer));
};

/** Gives an answer of the server back as the fault leaves it. */
const spoil = async (fault: Fault, from: IncomingMessage, socket: Socket, answer: ServerResponse): Promise<void> => {
  const body = await readAll(from);
  if (fault.kind === 'lose-answer') return void socket.resetAndDestroy();
  const { 'transfer-encoding': _chunked, ...headers } = from.headers;
  const passed = fault.kind === 'shorten' ? body.subarray(0, fault.afterBytes) : body;
  answer.writeHead(from.statusCode ?? 502, { ...headers, 'content-length': passed.length });
  if (fault.kind === 'drip') return writeSlowly(answer, passed, fault);
  if (fault.kind === 'garble') passed[fault.at] = (passed[fault.at] ?? 0) ^ 0x01;
  if (fault.kind !== 'cut' && fault.kind !== 'stall') return void answer.end(passed);
  answer.write(passed.subarray(0, fault.afterBytes), () => {
    if (fault.kind === 'cut') answer.destroy();
  });
};

const describeRequest = ({ headers, method = '', url = '' }: IncomingMessage, isUsed: boolean): SeenRequest => ({
  operation: String(headers['x-amz-target'] ?? method).replace(/^.*\./, ''),
  path: url.split('?')[0] ?? '',
  range: headers.range,
  connection: isUsed ? 'used' : 'new',
});

/** Starts a proxy that passes everything on until it is told of a fault. */
export const startFaultProxy = async (target: string): Promise<FaultProxy> => {
  const plans = createFaultPlans();
  const used = new WeakSet<Socket>();
  const waiting = new Map<string, () => void>();
  let seen: SeenRequest[] = [];
  const agent = new Agent({ keepAlive: false });

  const forward = (incoming: IncomingMessage, body: Buffer, answer: ServerResponse, fault: Fault | undefined) => {
    const { method, headers, url, socket } = incoming;
    const outgoing = request(`${target}${url}`, { agent, method: method ?? 'GET', headers }, (from) => {
      if (fault === undefined || fault.kind === 'delay')
        from.pipe(answer.writeHead(from.statusCode ?? 502, from.headers));
      else void spoil(fault, from, socket, answer);
    });
    outgoing.on('error', () => socket.destroy());
    outgoing.end(body);
  };

  const server = createServer(async (incoming, answer) => {
    const { socket } = incoming;
    const request = describeRequest(incoming, used.has(socket));
    used.add(socket);
    seen.push(request);
    const fault = plans.faultOf(request);
    waiting.get(request.operation)?.();
    if (fault?.kind === 'reset') return void socket.resetAndDestroy();
    const body = await readAll(incoming);
    if (fault?.kind === 'blackhole') return;
    if (fault?.kind === 'answer') return void answer.writeHead(fault.status).end(fault.body);
    if (fault?.kind === 'delay') setTimeout(() => forward(incoming, body, answer, fault), fault.millis);
    else forward(incoming, body, answer, fault);
  });
  server.on('connection', (socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return seen;
    },
    inject: plans.add,
    heal() {
      plans.clear();
      seen = [];
    },
    next: (operation) => new Promise((resolve) => waiting.set(operation, resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
