import { once } from 'node:events';
import { type Figure, figure } from '../harness/figure.ts';
import { interleave } from '../harness/interleave.ts';
import { percentile } from '../harness/percentile.ts';
import { checkItself } from '../harness/self-check.ts';
import { measureCpu } from '../harness/usage.ts';
import type { LoadDone, LoadTask } from './load-process.ts';
import { type Stage, tenantNames } from './stage.ts';
import { askUsage } from './usage-messages.ts';

/** Orders under way at the same time: enough that nobody waits for the next one. */
const sideBySide = 16;

/** What one round came to; processor time in ms for each order. */
interface Round {
  readonly perSecond: number;
  readonly service: number;
  readonly emulators: number;
  readonly clients: number;
  readonly p50: number;
  readonly p99: number;
}

const measureRound = async (
  { service, stores, clients }: Stage,
  tenant: string,
  milliseconds: number,
): Promise<Round> => {
  const token = await service.issuer.sign(tenant);
  const task: LoadTask = { baseUrl: service.baseUrl, token, sideBySide, milliseconds };
  const before = await askUsage(stores);
  let done: LoadDone | undefined;
  const own = await measureCpu(async () => {
    const answered = once(clients, 'message');
    clients.send({ ...task });
    [done] = (await answered) as [LoadDone];
  });
  const emulators = (await askUsage(stores)) - before;
  if (done === undefined || done.millis.length === 0) throw new Error('no order came to its end');
  const { millis, seconds, cpuMillis } = done;
  const count = millis.length;
  return {
    perSecond: count / seconds,
    service: own / count,
    emulators: emulators / count,
    clients: cpuMillis / count,
    p50: percentile(millis, 0.5),
    p99: percentile(millis, 0.99),
  };
};

/**
 * Orders over HTTP as fast as this machine takes them: how many a second, and what an order costs the service (with the HTTP front that
 * stands for the gateway), the emulators and the clients, each in processor time of its own process.
 */
export const measureOrders = async (stage: Stage, rounds: number, milliseconds: number): Promise<readonly Figure[]> => {
  let turn = 0;
  const measure = () => {
    turn += 1;
    return measureRound(stage, tenantNames[turn % tenantNames.length] ?? '', milliseconds);
  };
  const { once: first, again } = await interleave({ once: measure, again: measure }, rounds);
  const of = (name: keyof Round) => first.map((round) => round[name]);
  const doubt = checkItself(
    of('service'),
    again.map(({ service }) => service),
    0.15,
  );
  const tell = (name: string, unit: string, values: readonly number[]) => figure(name, unit, values, doubt);
  return [
    tell('orders-a-second', '1/s', of('perSecond')),
    tell('order-p50', 'ms', of('p50')),
    tell('order-p99', 'ms', of('p99')),
    tell('order-cpu-service', 'ms', of('service')),
    tell('order-cpu-emulators', 'ms', of('emulators')),
    tell('order-cpu-clients', 'ms', of('clients')),
    tell(
      'emulators-to-service',
      '×',
      first.map(({ emulators, service }) => emulators / service),
    ),
  ];
};
