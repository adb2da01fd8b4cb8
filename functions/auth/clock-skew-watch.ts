import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { isYoung } from './is-young.ts';
import type { Tenant, TenantId } from './tenant.ts';
import { clockSkewSeconds } from './token-claims.ts';

/** Counts the tokens that suggest that a clock is wrong: the issuer's or this container's. */
export interface ClockSkewWatch {
  /**
   * Takes note of an authentic token whose `nbf` or `iat` lies ahead of the clock; does nothing where that is tolerated, or so far that
   * no clock explains it.
   *
   * @param secondsAhead seconds from now until the token begins; 0 or less when it has begun.
   */
  note(tenant: Tenant, secondsAhead: number): void;
}

/** Further ahead than this a token is meant for later, or its times are no times. In seconds. */
const furthestSkew = 600;

/** Least time between two events about one tenant, in milliseconds. */
const pauseMillis = 60_000;

interface Tally {
  loggedAt: number;
  /** Refusals since then. */
  refusals: number;
}

/**
 * A watch that logs `TOKEN_AHEAD_OF_CLOCK` with the first such token of a tenant, and then at most once a minute, with the number of
 * refusals that it stands for. Only tokens whose signature holds are counted, so it holds one entry a tenant at most and no stranger
 * can raise the alarm.
 */
export const createClockSkewWatch = (clock: Clock, logger: Logger): ClockSkewWatch => {
  const tallies = new Map<TenantId, Tally>();
  return {
    note({ id }, secondsAhead) {
      if (!(secondsAhead > clockSkewSeconds && secondsAhead <= furthestSkew)) return;
      const now = clock.now();
      const tally = tallies.get(id);
      if (tally !== undefined && isYoung(tally.loggedAt, pauseMillis, now)) {
        tally.refusals += 1;
        return;
      }
      const refusals = (tally?.refusals ?? 0) + 1;
      tallies.set(id, { loggedAt: now, refusals: 0 });
      logger.log('TOKEN_AHEAD_OF_CLOCK', { tenant: id, secondsAhead: Math.round(secondsAhead), refusals });
    },
  };
};
