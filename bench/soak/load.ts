import { setTimeout as delay } from 'node:timers/promises';
import type { SoakClient } from './client.ts';
import { count } from './ledger.ts';
import { misbehave, orderAndFollow, scheduleAndCancel } from './story.ts';

/** How the load is made. */
export interface LoadOptions {
  /** By tenant. */
  readonly clients: readonly SoakClient[];
  /** Orders a second, whether the service keeps up or not. */
  readonly rate: number;
  readonly seconds: number;
  /** No more stories than this at the same time: what is above is left out, and counted. */
  readonly mostUnderWay: number;
  /** Ends the load early. */
  readonly signal: AbortSignal;
}

/** What became of the load. */
export interface LoadResult {
  readonly begun: number;
  /** Left out because too many were under way. */
  readonly leftOut: number;
  /** Resolves once every client knows the end of its story. */
  readonly finished: Promise<void>;
}

/** Shares of the stories: one in ten orders a report of the malformed data set. */
const shares = { broken: 0.1, misbehaving: 0.03, scheduled: 0.03 };

const pick = <Item>(items: readonly Item[]): Item => {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new TypeError('nothing to choose from');
  return item;
};

const tell = async (clients: readonly SoakClient[]): Promise<void> => {
  const isBroken = Math.random() < shares.broken;
  const client = pick(clients.filter(({ tenant }) => (tenant === 'broken') === isBroken));
  const stranger = pick(clients.filter((one) => one !== client));
  const draw = Math.random();
  if (draw < shares.misbehaving) return misbehave(client);
  if (draw < shares.misbehaving + shares.scheduled) return scheduleAndCancel(client);
  return orderAndFollow(client, stranger);
};

/** Begins one story after the other at a fixed rate. Resolves when no more are begun. */
export const makeLoad = async ({ clients, rate, seconds, mostUnderWay, signal }: LoadOptions): Promise<LoadResult> => {
  const underWay = new Set<Promise<void>>();
  const most = Math.round(rate * seconds);
  const start = performance.now();
  let [begun, leftOut] = [0, 0];
  for (let n = 0; n < most && !signal.aborted; n += 1) {
    const wait = start + (n * 1000) / rate - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    if (underWay.size >= mostUnderWay) {
      leftOut += 1;
      continue;
    }
    begun += 1;
    const story = tell(clients)
      .catch((error: unknown) => {
        console.error('client:', error);
        for (const { ledger } of clients.slice(0, 1)) count(ledger.surprises, 'a client could not go on');
      })
      .finally(() => underWay.delete(story));
    underWay.add(story);
  }
  return { begun, leftOut, finished: Promise.all(underWay).then(() => {}) };
};
