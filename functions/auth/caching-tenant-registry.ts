import type { Clock } from '../platform/clock.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { type ErrorCode, ServiceError } from '../platform/service-error.ts';
import { isYoung } from './is-young.ts';
import type { Tenant } from './tenant.ts';
import { buildTenantDirectory, type TenantDirectory } from './tenant-directory.ts';
import type { TenantRegistry, TenantSource } from './tenant-registry.ts';
import type { TrustedPrivateHosts } from './trusted-private-hosts.ts';

/** What the registry needs. */
export interface CachingTenantRegistryOptions {
  readonly source: TenantSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trustedPrivateHosts: TrustedPrivateHosts;
  /** The AWS region that this function runs in: tenants of another one are `elsewhere`. */
  readonly region: string;
  /** Age in seconds at which the tenants are read again. */
  readonly cacheSeconds: number;
  /** Longest time for one reading, in milliseconds. Default 3000. */
  readonly readLimitMillis?: number;
}

/** A registry that also knows whom it has. */
export interface CachingTenantRegistry extends TenantRegistry {
  /**
   * Every tenant; disabled ones too.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the tenants could not be read, now or earlier.
   */
  all(): Promise<readonly Tenant[]>;
}

interface Reading {
  readonly directory: TenantDirectory;
  readonly readAt: number;
}

interface Flight {
  readonly startedAt: number;
  readonly landed: Promise<void>;
  abandon(): void;
}

/** Up to this many times `cacheSeconds` a reading serves while it is renewed beside the requests; an older one makes them wait. */
const waitAfterCacheTimes = 5;

/** Least time between a failed reading and the next, in milliseconds: with tenants to go on with, and without. */
const pauseMillis = { withTenants: 5_000, without: 1_000 } as const;

/**
 * A registry that holds all tenants in memory, read at once and read again every `cacheSeconds` in one flight that all requests share.
 * A reading that is only due is renewed in the background; where that did not get through for five times as long (a frozen container),
 * the next request waits for it. When reading fails, the last tenants stay in use, whatever their age.
 *
 * Logs `TENANT_REGISTRY_STALE` or `TENANT_REGISTRY_UNAVAILABLE` for each failed reading, and `TENANT_CONFIG_INVALID` for each record
 * that does not serve, once until that changes.
 */
export const createCachingTenantRegistry = (options: CachingTenantRegistryOptions): CachingTenantRegistry => {
  const { source, clock, logger, trustedPrivateHosts, region, cacheSeconds, readLimitMillis = 3_000 } = options;
  let reading: Reading | undefined;
  let failedAt: number | undefined;
  let failure: ErrorCode = 'GENERAL_DEPENDENCY_UNAVAILABLE';
  let flight: Flight | undefined;
  let reported: ReadonlySet<string> = new Set();

  const accept = (records: readonly unknown[], readAt: number): void => {
    const directory = buildTenantDirectory(records, trustedPrivateHosts, region);
    const reports = directory.unusable.map(({ tenant, problems }) => ({ tenant, problems: problems.join('; ') }));
    for (const report of reports) {
      if (!reported.has(JSON.stringify(report))) logger.log('TENANT_CONFIG_INVALID', report);
    }
    reported = new Set(reports.map((report) => JSON.stringify(report)));
    reading = { directory, readAt };
    failedAt = undefined;
  };

  const recordFailure = (error: unknown): void => {
    const { errorName } = describeError(error);
    failure = toDependencyError('tenant-registry', error).code;
    failedAt = clock.now();
    if (reading === undefined) logger.log('TENANT_REGISTRY_UNAVAILABLE', { errorName });
    else {
      const ageSeconds = Math.round((failedAt - reading.readAt) / 1000);
      logger.log('TENANT_REGISTRY_STALE', { errorName, ageSeconds });
    }
  };

  const startFlight = (startedAt: number): Flight => {
    const abortion = new AbortController();
    const readAll = async (): Promise<void> => {
      const timer = setTimeout(() => abortion.abort(), readLimitMillis);
      const aborted = new Promise<never>((_, reject) => {
        abortion.signal.addEventListener('abort', () => reject(new DOMException('took too long', 'TimeoutError')));
      });
      try {
        accept(await Promise.race([source.readAll(abortion.signal), aborted]), startedAt);
      } catch (error) {
        const frozen = !isYoung(startedAt, 2 * readLimitMillis, clock.now());
        // A container that slept through its reading has learnt nothing about the table.
        if (flight === started && !frozen) recordFailure(error);
      } finally {
        clearTimeout(timer);
        if (flight === started) flight = undefined;
      }
    };
    const started: Flight = { startedAt, landed: readAll(), abandon: () => abortion.abort() };
    return started;
  };

  /** The flight under way, a new one, or none while the last failure is fresh. A flight that was frozen half-way is given up. */
  const refresh = (now: number): Flight | undefined => {
    const pause = reading === undefined ? pauseMillis.without : pauseMillis.withTenants;
    if (isYoung(failedAt, pause, now)) return undefined;
    if (flight !== undefined && isYoung(flight.startedAt, 2 * readLimitMillis, now)) return flight;
    const lost = flight;
    flight = startFlight(now);
    lost?.abandon();
    return flight;
  };

  const current = async (): Promise<TenantDirectory> => {
    const now = clock.now();
    const cacheMillis = cacheSeconds * 1000;
    if (reading !== undefined && isYoung(reading.readAt, cacheMillis, now)) return reading.directory;
    const renewal = refresh(now);
    if (reading !== undefined && isYoung(reading.readAt, waitAfterCacheTimes * cacheMillis, now))
      return reading.directory;
    await renewal?.landed;
    if (reading !== undefined) return reading.directory;
    throw new ServiceError(failure, { retryAfterSeconds: 5, reason: 'tenant-registry' });
  };

  return {
    byIssuer: async (issuer) => (await current()).byIssuer.get(issuer),
    byId: async (id) => (await current()).byId.get(id),
    all: async () => [...(await current()).byId.values()],
  };
};
