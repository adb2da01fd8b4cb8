import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createStop } from './close-server.ts';

/** A running stand-in for the Parameter Store of AWS Systems Manager. */
export interface ParameterStore {
  readonly endpoint: string;
  stop(): Promise<void>;
}

interface Call {
  readonly Name?: string;
  readonly Value?: string;
  readonly Overwrite?: boolean;
}

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
};

const fail = (response: ServerResponse, type: string): void => answer(response, 400, { __type: type });

const readCall = async (request: IncomingMessage): Promise<Call> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Call;
};

const readKept = async (file: string | undefined): Promise<Map<string, string>> => {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(file ?? '', 'utf8')) as Record<string, string>));
  } catch {
    return new Map();
  }
};

/**
 * Starts a stand-in that speaks the service's own protocol (JSON 1.1, `X-Amz-Target`) for `GetParameter` and `PutParameter`, on a free port
 * of 127.0.0.1. There is no key here: what is SecureString there lies in memory, or in a file that its owner alone can read.
 *
 * @param stateFolder keeps the parameters over a restart
 */
export const startParameterStore = async (stateFolder?: string): Promise<ParameterStore> => {
  const file = stateFolder === undefined ? undefined : join(stateFolder, 'parameters.json');
  const parameters = await readKept(file);

  const put = async ({ Name = '', Value = '', Overwrite }: Call, response: ServerResponse): Promise<void> => {
    if (parameters.has(Name) && Overwrite !== true) return fail(response, 'ParameterAlreadyExists');
    parameters.set(Name, Value);
    if (file !== undefined && stateFolder !== undefined) {
      await mkdir(stateFolder, { recursive: true });
      await writeFile(file, JSON.stringify(Object.fromEntries(parameters)), { mode: 0o600 });
    }
    answer(response, 200, { Version: 1, Tier: 'Standard' });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request);
    const target = request.headers['x-amz-target'];
    if (target === 'AmazonSSM.PutParameter') return put(call, response);
    if (target !== 'AmazonSSM.GetParameter') return fail(response, 'UnknownOperationException');
    const value = parameters.get(call.Name ?? '');
    if (value === undefined) return fail(response, 'ParameterNotFound');
    answer(response, 200, { Parameter: { Name: call.Name, Type: 'SecureString', Value: value, Version: 1 } });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => fail(response, 'SerializationException'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, stop: createStop(server) };
};
