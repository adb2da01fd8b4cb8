import type { Clock } from '../../functions/platform/clock.ts';
import type { Ids } from '../../functions/platform/ids.ts';
import type { Timers } from '../../functions/platform/timers.ts';
import type { Fate, PortCall } from './fate.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The connection broke, or the other side did not answer in time: what the SDK tries again. */
export class ConnectionFault extends Error {
  override readonly name = 'ConnectionFault';
}

/** The other side refuses: the caller may not do that. Looks like the SDK's own errors, all of which have a `$fault`. */
export class Refusal extends Error {
  override readonly name = 'AccessDeniedException';
  readonly $fault = 'client';
  readonly $metadata = { httpStatusCode: 403 };
}

/** A call of a port by a process. Times in milliseconds. */
export interface OwnCall extends Pick<PortCall, 'service' | 'operation'> {
  /** Sent so much later: the pause before a retry. */
  readonly delay?: number;
  /** After this long the caller gives up; what it sent may be applied all the same. */
  readonly timeout?: number;
  /** Aborted when the caller no longer waits; what it sent may be applied all the same. */
  readonly signal?: AbortSignal;
}

/**
 * A container of one of the functions: memory, clock and timers of its own. As in Lambda it is frozen while it has nothing to do, with whatever is
 * under way: calls whose answers nobody waited for, timers. What it is given to do next thaws it, and all of that goes on.
 */
export interface SimulatedProcess {
  readonly role: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly isAlive: boolean;
  /** It has work that is waiting for nothing: it will go on before any time passes. */
  readonly isRunning: boolean;
  /** Nothing of it goes on ever again: no answer reaches it, no timer fires. */
  crash(): void;
  /** Whatever went wrong with it is over. Its clock stays as it is. */
  recover(): void;
  /** Calls a port: a point at which everything else may happen, and the call go wrong. */
  call<Result>(call: OwnCall, apply: () => Result): Promise<Result>;
  /** Has it do something. `ended` is called once that is over, with what it threw, and not when the process crashes before. */
  run(work: () => Promise<void>, ended: (error?: unknown) => void): void;
}

/** What surrounds a process. */
export interface ProcessSurroundings {
  readonly time: VirtualTime;
  readonly ids: Ids;
  fateOf(call: Omit<PortCall, 'index'>): Fate;
  crashed(process: SimulatedProcess): void;
  /** A call was sent (1), or has arrived (-1): until then it may still be applied, whatever has become of who sent it. */
  underWay(change: 1 | -1): void;
}

const never = new Promise<never>(() => {});

/** Starts a process whose clock is off by so much. */
export const startProcess = (
  role: string,
  clockOffset: number,
  surroundings: ProcessSurroundings,
): SimulatedProcess => {
  const { time, ids } = surroundings;
  let offset = clockOffset;
  let isAlive = true;
  let frozenUntil = 0;
  let calls = 0;
  let works = 0;
  let failsNext = 0;
  /** What has come while it was frozen for want of work. */
  let held: (() => void)[] = [];

  /** Something reaches the process: when it is alive, and not before it moves again. */
  const reach = (run: () => void): void => {
    if (!isAlive) return;
    if (works === 0) held.push(run);
    else if (frozenUntil > time.now()) time.at(frozenUntil, () => reach(run));
    else run();
  };

  const drawFate = (call: OwnCall): Fate => {
    const fate = surroundings.fateOf({ role, service: call.service, operation: call.operation });
    if (failsNext > 0) {
      failsNext -= 1;
      return { before: 1, after: 0, end: 'failed' };
    }
    failsNext = fate.failsNext ?? 0;
    return fate;
  };

  const befall = (fate: Fate): void => {
    if (fate.freeze !== undefined) frozenUntil = time.now() + fate.freeze;
    if (fate.clockOffset !== undefined) offset = fate.clockOffset;
  };

  const self: SimulatedProcess = {
    role,
    ids,
    clock: { now: () => time.now() + offset },
    timers: {
      every(milliseconds, run) {
        let isSet = true;
        const repeat = (): void => {
          time.at(time.now() + milliseconds, () =>
            reach(() => {
              if (!isSet) return;
              repeat();
              run();
            }),
          );
        };
        repeat();
        return () => {
          isSet = false;
        };
      },
      after(milliseconds, run) {
        let isSet = true;
        time.at(time.now() + milliseconds, () =>
          reach(() => {
            if (isSet) run();
          }),
        );
        return () => {
          isSet = false;
        };
      },
    },
    get isAlive() {
      return isAlive;
    },
    get isRunning() {
      return isAlive && works > 0 && calls === 0;
    },
    crash() {
      if (!isAlive) return;
      isAlive = false;
      surroundings.crashed(self);
    },
    recover() {
      frozenUntil = 0;
      failsNext = 0;
    },
    call(call, apply) {
      if (!isAlive) return never;
      const fate = drawFate(call);
      if (fate.end === 'crash-before') {
        self.crash();
        return never;
      }
      calls += 1;
      return new Promise((resolve, reject) => {
        const { timeout = Number.POSITIVE_INFINITY, signal, delay = 0 } = call;
        const sent = time.now() + delay;
        let isOpen = true;
        const fail = () => reject(new ConnectionFault(call.operation));
        const answer = (settle: () => void): void => {
          const wasFrozen = works === 0;
          reach(() => {
            if (!isOpen) return;
            isOpen = false;
            calls -= 1;
            // Who was frozen for longer than it waits finds its own time-out first.
            if (wasFrozen && time.now() > sent + timeout) fail();
            else settle();
          });
        };
        const broken = () => answer(fail);
        const deliver = (after: number, run: () => void): void => {
          if (after === 0) run();
          else time.at(time.now() + after, run);
        };
        const perform = () => {
          surroundings.underWay(-1);
          if (fate.end === 'failed') return deliver(fate.after, broken);
          if (fate.end === 'refused')
            return deliver(fate.after, () => answer(() => reject(new Refusal(call.operation))));
          let settle: () => void;
          try {
            const result = apply();
            settle = () => resolve(result);
          } catch (error) {
            settle = () => reject(error);
          }
          befall(fate);
          if (fate.end === 'crash-after') return self.crash();
          deliver(fate.after, fate.end === 'lost' ? broken : () => answer(settle));
        };
        const send = () => {
          surroundings.underWay(1);
          time.at(time.now() + fate.before, perform);
        };
        if (delay === 0) send();
        else time.at(sent, () => reach(() => isOpen && send()));
        signal?.addEventListener('abort', () => answer(() => reject(signal.reason)), { once: true });
        if (fate.before + fate.after > timeout) time.at(sent + timeout, broken);
      });
    },
    run(work, ended) {
      works += 1;
      const thawed = held;
      held = [];
      for (const goOn of thawed) reach(goOn);
      const end = (error?: unknown): void => {
        works -= 1;
        if (isAlive) ended(error);
      };
      work().then(() => end(), end);
    },
  };
  return self;
};
