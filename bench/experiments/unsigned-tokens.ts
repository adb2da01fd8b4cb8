import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { UsageError } from '../../local/command-line.ts';
import { startEmbedded } from '../../local/start-embedded.ts';
import { apiEvent } from '../../test/support/api-event.ts';
import { startMisbehavingIssuer } from '../../test/support/misbehaving-issuer.ts';
import { encodePart } from '../../test/support/signed-tokens.ts';
import { type Experiment, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';

/** Requests before the first measurement, so that compiled code and caches are in it. */
const warmUp = 5_000;

/** Megabytes of a line of `/proc/self/status`; NaN where there is no such file. */
const readStatus = (name: 'VmRSS' | 'VmHWM'): number => {
  try {
    return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1000;
  } catch {
    return Number.NaN;
  }
};

const measureMemory = () => {
  if (globalThis.gc === undefined) throw new UsageError('start it with npm run bench, which exposes the collector');
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: (heapUsed + arrayBuffers) / 1e6, rss: readStatus('VmRSS'), peak: readStatus('VmHWM') };
};

type Memory = ReturnType<typeof measureMemory>;

const describeMemory = ({ heap, rss, peak }: Memory): string =>
  `heap ${heap.toFixed(1)} MB, rss ${rss.toFixed(0)} MB, peak ${peak.toFixed(0)} MB`;

const bench = async (count: number): Promise<readonly Figure[]> => {
  const listener = await startMisbehavingIssuer();
  let logged = 0;
  let audited = 0;
  const service = await startEmbedded({
    delivery: 'manual',
    samples: false,
    writeLog: () => {
      logged += 1;
    },
    writeAudit: () => {
      audited += 1;
    },
  });
  const targets: string[] = [];
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    socket.on('connectionAttempt', (address: string, port: number) => targets.push(`${address}:${port}`));
    socket.on('lookup', (_error, _address, _family, host: string) => targets.push(host));
  });
  // An issuer that listens: whoever asks for its keys is seen there.
  const send = async (index: number): Promise<number> => {
    const claims = { iss: `https://${listener.host}/realms/${index}-${'x'.repeat(200)}`, aud: 'account', user_id: 'x' };
    const authorization = `Bearer ${encodePart({ alg: 'RS256', kid: `k${index}` })}.${encodePart(claims)}.AAAA`;
    const answer = await service.functions.api(apiEvent('GET', '/fhir/Binary/1', { headers: { authorization } }));
    return answer.statusCode ?? 0;
  };
  const statuses = new Map<number, number>();
  const sendAll = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index += 1) {
      const status = await send(index);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await sendAll(0, warmUp);
  statuses.clear();
  targets.length = 0;
  [logged, audited] = [0, 0];
  const before = measureMemory();
  const started = performance.now();
  await sendAll(warmUp, warmUp + count);
  const seconds = (performance.now() - started) / 1000;
  const after = measureMemory();
  const database = new URL(service.endpoints.dynamodb).host;
  const elsewhere = targets.filter((target) => target !== database);
  const fetches = listener.requests.length;
  console.log(
    `${count} unsigned tokens, each of another issuer: ${[...statuses].map(([status, times]) => `${times} × ${status}`).join(', ')} ` +
      `in ${seconds.toFixed(1)} s; before: ${describeMemory(before)}; after: ${describeMemory(after)}; ` +
      `fetches of keys: ${fetches}; connections to anything but the tenants table: ${elsewhere.length}; ` +
      `log lines ${logged}, audit events ${audited}`,
  );
  // The counter can count: the first signed token of a tenant makes the api ask its issuer.
  const authorization = `Bearer ${await service.issuer.sign('demo')}`;
  await service.functions.api(apiEvent('GET', '/fhir/Binary/1', { headers: { authorization } }));
  if (!targets.includes(service.issuer.host)) throw new Error('connections are not counted');
  await service.stop();
  await listener.stop();
  return [
    figure('fetches-of-keys', '', [fetches]),
    figure('connections', '', [elsewhere.length]),
    figure('heap-growth', 'MB', [after.heap - before.heap]),
    figure('seconds', 's', [seconds]),
  ];
};

/** What do tokens without a signature cost? */
export const unsignedTokens: Experiment = {
  question: 'When tokens without a signature come, each of another issuer: is anybody asked, or anything kept?',
  options: { count: { type: 'string', default: '100000' } },
  optionLines: ['  --count  how many tokens'],
  run: (call) => bench(call.isQuick ? 2_000 : readWholeOption(call, 'count')),
};
