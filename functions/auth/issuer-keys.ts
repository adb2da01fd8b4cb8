import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';
import { isYoung } from './is-young.ts';
import { type KeySet, readKeySet } from './key-set.ts';
import type { Tenant, TenantId } from './tenant.ts';
import type { VerificationKey } from './verification-key.ts';

/** Gets key sets from their issuers. */
export interface JwksFetcher {
  /**
   * The document at an issuer's `jwksUri`, as it came.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` with a `reason`, within a bounded time.
   */
  fetch(jwksUri: string): Promise<Uint8Array>;
}

/** The keys of the tenants' issuers. */
export interface IssuerKeys {
  /**
   * The key that the tenant's issuer publishes under a `kid`, or `undefined` when it publishes none.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` while the issuer gives no usable key set and none is kept that may serve.
   */
  find(tenant: Tenant, kid: string): Promise<VerificationKey | undefined>;

  /**
   * Begins to fetch the tenant's key set before anybody asks for a key of it; requests that come meanwhile share the fetch. Where it fails
   * and no request had waited for it, that is neither told nor kept: the next request asks the issuer itself.
   *
   * @returns whether a current key set is there, when the issuer has answered or failed
   */
  fetchAhead(tenant: Tenant): Promise<boolean>;
}

/** Ages and pauses, all in milliseconds. */
export interface IssuerKeysLimits {
  /** Age at which a key set is fetched anew: the longest that a withdrawn key is accepted while its issuer answers. */
  readonly rebuildAfter: number;
  /** Age up to which a key set serves while its issuer gives no other. */
  readonly serveStaleUntil: number;
  /** Pause after a failed fetch in which the issuer is left alone. */
  readonly pauseAfterFailure: number;
  /** Least age of a key set at which an unknown `kid` is reason to fetch it anew. */
  readonly unknownKidAfter: number;
  /** Age at which a fetch is given up for lost: a container may have been frozen in the middle of it. */
  readonly flightLostAfter: number;
}

/** 10 minutes, 60 minutes, 5 seconds, 5 seconds (a new key is accepted within 10), 5 seconds. */
export const defaultIssuerKeysLimits: IssuerKeysLimits = {
  rebuildAfter: 600_000,
  serveStaleUntil: 3_600_000,
  pauseAfterFailure: 5_000,
  unknownKidAfter: 5_000,
  flightLostAfter: 5_000,
};

/** What the keys need. */
export interface IssuerKeysDependencies {
  readonly fetcher: JwksFetcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: IssuerKeysLimits;
}

interface Flight {
  readonly startedAt: number;
  /** Whether a request waits for it. */
  isAwaited: boolean;
  /** Settles when the fetch has ended and the issuer's state says how; never rejects. */
  readonly landed: Promise<void>;
}

/** What is known of one tenant's issuer. */
interface IssuerState {
  readonly tenantId: TenantId;
  readonly jwksUri: string;
  keySet?: KeySet & { readonly fetchedAt: number };
  failedAt?: number;
  flight?: Flight;
}

const unavailable = (reason: string, pause: number): ServiceError =>
  new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { retryAfterSeconds: Math.ceil(pause / 1000), reason });

const fetchKeySet = async (fetcher: JwksFetcher, jwksUri: string): Promise<KeySet | string> => {
  try {
    const keySet = readKeySet(await fetcher.fetch(jwksUri));
    if (keySet === undefined) return 'issuer-form';
    return keySet.keys.size === 0 ? 'issuer-no-usable-key' : keySet;
  } catch (error) {
    return (error instanceof ServiceError ? error.details.reason : undefined) ?? 'issuer-fetch';
  }
};

/**
 * Keeps one key set an issuer, in memory, for as many tenants as there are. A key set is replaced as a whole, so a withdrawn key goes
 * and a key replaced under its old `kid` is taken up. Requests share one fetch an issuer; no issuer waits for another.
 *
 * Logs `ISSUER_UNAVAILABLE` for each failed fetch that a request waited for and `ISSUER_KEY_REJECTED` when the unusable keys of a set change.
 */
export const createIssuerKeys = (dependencies: IssuerKeysDependencies): IssuerKeys => {
  const { fetcher, clock, logger, limits = defaultIssuerKeysLimits } = dependencies;
  const states = new Map<TenantId, IssuerState>();

  const stateOf = ({ id, jwksUri }: Tenant): IssuerState => {
    const known = states.get(id);
    if (known?.jwksUri === jwksUri) return known;
    const state: IssuerState = { tenantId: id, jwksUri };
    states.set(id, state);
    return state;
  };

  const mayServeStale = ({ keySet }: IssuerState, now: number): boolean =>
    keySet !== undefined && now - keySet.fetchedAt < limits.serveStaleUntil;

  const acceptKeySet = (state: IssuerState, keySet: KeySet, fetchedAt: number): void => {
    if (keySet.rejections.join() !== (state.keySet?.rejections ?? []).join()) {
      for (const reason of keySet.rejections) logger.log('ISSUER_KEY_REJECTED', { tenant: state.tenantId, reason });
    }
    state.keySet = { ...keySet, fetchedAt };
    delete state.failedAt;
  };

  const recordFailure = (state: IssuerState, reason: string, startedAt: number): void => {
    const now = clock.now();
    state.failedAt = now;
    logger.log('ISSUER_UNAVAILABLE', {
      tenant: state.tenantId,
      reason,
      milliseconds: now - startedAt,
      servedStale: mayServeStale(state, now),
      ...(state.keySet === undefined ? {} : { ageSeconds: Math.round((now - state.keySet.fetchedAt) / 1000) }),
    });
  };

  const startFlight = (state: IssuerState, startedAt: number, isAwaited: boolean): Flight => {
    const land = async (): Promise<void> => {
      const result = await fetchKeySet(fetcher, state.jwksUri);
      // Given up for lost in the meantime: another flight speaks for the issuer.
      if (state.flight !== flight) return;
      delete state.flight;
      if (typeof result !== 'string') acceptKeySet(state, result, startedAt);
      else if (flight.isAwaited) recordFailure(state, result, startedAt);
    };
    const flight: Flight = { startedAt, isAwaited, landed: land() };
    state.flight = flight;
    return flight;
  };

  /** Whether there is a key set that counts as current after asking the issuer; otherwise it is down, or was a moment ago. */
  const refresh = async (state: IssuerState, isAwaited: boolean): Promise<boolean> => {
    const now = clock.now();
    if (isYoung(state.failedAt, limits.pauseAfterFailure, now)) return false;
    const current = isYoung(state.flight?.startedAt, limits.flightLostAfter, now) ? state.flight : undefined;
    const flight = current ?? startFlight(state, now, isAwaited);
    flight.isAwaited ||= isAwaited;
    await flight.landed;
    return state.failedAt === undefined && isYoung(state.keySet?.fetchedAt, limits.rebuildAfter, clock.now());
  };

  return {
    async find(tenant, kid) {
      const state = stateOf(tenant);
      const fetchedAt = state.keySet?.fetchedAt;
      const now = clock.now();
      if (isYoung(fetchedAt, limits.rebuildAfter, now)) {
        const key = state.keySet?.keys.get(kid);
        if (key !== undefined || isYoung(fetchedAt, limits.unknownKidAfter, now)) return key;
        // Whether an unknown key is new or invented only the issuer can say.
      }
      const refreshed = await refresh(state, true);
      const key = state.keySet?.keys.get(kid);
      if (refreshed) return key;
      if (key !== undefined && mayServeStale(state, clock.now())) return key;
      throw unavailable('issuer-unavailable', limits.pauseAfterFailure);
    },

    fetchAhead: (tenant) => refresh(stateOf(tenant), false),
  };
};
