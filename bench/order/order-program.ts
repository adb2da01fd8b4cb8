import { type KeyObject, verify } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { type ApiHandler, createApiHandler } from '../../functions/api/create-api-handler.ts';
import type { ApiDependencies } from '../../functions/api/dependencies.ts';
import { createIssuerKeys } from '../../functions/auth/issuer-keys.ts';
import { createTokenVerifier } from '../../functions/auth/verify-token.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { createLogger } from '../../functions/platform/logger.ts';
import { apiEvent } from '../../test/support/api-event.ts';
import { registryOf, sampleTenant } from '../../test/support/sample-tenant.ts';
import { createRsaKey, signParts } from '../../test/support/signed-tokens.ts';
import { interleave } from '../harness/interleave.ts';
import { summarise } from '../harness/summary.ts';
import { measureCpu, reportUsage } from '../harness/usage.ts';
import { createBareCalls } from './bare-calls.ts';
import { type CriticalPath, findCriticalPath, type SeenCall } from './critical-path.ts';
import { createVariants } from './variants.ts';

/** What the program reports: a value for each round, and what an order calls. */
export interface OrderFindings {
  /** Median of a round's orders, in milliseconds. */
  readonly millis: Readonly<Record<'bare' | 'now' | 'before' | 'again', readonly number[]>>;
  readonly calls: Readonly<Record<'now' | 'before', { readonly all: number; readonly path: CriticalPath }>>;
  /** Processor time of an order without its calls, over that of one verification of a signature. */
  readonly cpuRatio: readonly number[];
}

const [, , standIn = '', rounds = '', orders = ''] = process.argv;
const key = createRsaKey('k');
const tenant = sampleTenant();
const logger = createLogger(systemClock, () => {});
const jwks = new TextEncoder().encode(JSON.stringify({ keys: [key.jwk] }));
const keys = createIssuerKeys({ fetcher: { fetch: async () => jwks }, clock: systemClock, logger });
const verifier = createTokenVerifier({ registry: registryOf(tenant), keys, clock: systemClock, logger });

const seconds = Math.floor(systemClock.now() / 1000);
const token = signParts(
  { alg: 'RS256', kid: 'k', typ: 'JWT' },
  {
    iss: tenant.issuer,
    aud: 'account',
    iat: seconds - 1,
    exp: seconds + 3600,
    user_id: 'fbf769fc-7131-4ad6-82f1-25537983f6b5',
    user_type: 'PRACTITIONER',
    realm_access: { roles: ['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read'] },
  },
  key,
);
const body = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json; charset=UTF-8' };
const event = apiEvent('POST', '/fhir/$execute-patient-usage-stats', { headers, body });
const context = { getRemainingTimeInMillis: () => 29_000 } as Context;

const order = async (handler: ApiHandler): Promise<void> => {
  const { statusCode, body: said } = await handler(event, context);
  if (statusCode !== 200) throw new Error(`an order was answered ${statusCode}: ${said}`);
};

/** The median of so many, one after the other, as a container of Lambda works. */
const timeEach = (work: () => Promise<void>) => async (): Promise<number> => {
  const millis: number[] = [];
  for (let n = 0; n < Number(orders); n += 1) {
    const begun = performance.now();
    await work();
    millis.push(performance.now() - begun);
  }
  return summarise(millis).median;
};

const seenCalls = async (): Promise<readonly SeenCall[]> =>
  (await (await fetch(`${standIn}/seen`)).json()) as readonly SeenCall[];

/**
 * The calls of one order, once pace and connections are there. Of ten the one with the shortest path: a process that is held up between two calls that
 * go together may send the second when the first was answered.
 */
const watchOrder = async (handler: ApiHandler) => {
  await order(handler);
  const watched: { readonly all: number; readonly path: CriticalPath }[] = [];
  for (let n = 0; n < 10; n += 1) {
    await seenCalls();
    await order(handler);
    const calls = await seenCalls();
    watched.push({ all: calls.length, path: findCriticalPath(calls) });
  }
  return watched.reduce((least, one) => (one.path.latency < least.path.latency ? one : least));
};

/** Everything but the calls: stores and services that answer at once. */
const createUncalled = (wired: ApiDependencies): ApiHandler =>
  createApiHandler({
    ...wired,
    jobs: { ...wired.jobs, admit: async () => true, place: async (_tenantId, job) => ({ outcome: 'applied', job }) },
    paces: { of: async () => undefined },
    queue: { send: async () => {} },
    audit: { write: async () => {} },
  });

const verifyRaw = (publicKey: KeyObject) => {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${head}.${payload}`);
  const bytes = Buffer.from(signature, 'base64url');
  if (!verify('sha256', signed, publicKey, bytes)) throw new Error('the token is not signed with this key');
  return () => verify('sha256', signed, publicKey, bytes);
};

const measureOwnCpu = async (handler: ApiHandler): Promise<readonly number[]> => {
  const count = 400;
  const once = verifyRaw(key.publicKey);
  const measured = await interleave(
    {
      order: () =>
        measureCpu(async () => {
          for (let n = 0; n < count; n += 1) await order(handler);
        }),
      verify: () =>
        measureCpu(() => {
          for (let n = 0; n < count; n += 1) once();
        }),
    },
    Number(rounds),
    3,
  );
  return measured.order.map((cpu, round) => cpu / (measured.verify[round] ?? Number.NaN));
};

const { wired, before } = createVariants({ verifier });
const handlers = { now: createApiHandler(wired), before: createApiHandler(before) };
const calls = { now: await watchOrder(handlers.now), before: await watchOrder(handlers.before) };
const millis = await interleave(
  {
    bare: timeEach(createBareCalls(standIn)),
    now: timeEach(() => order(handlers.now)),
    before: timeEach(() => order(handlers.before)),
    again: timeEach(() => order(handlers.now)),
  },
  Number(rounds),
  2,
);
reportUsage({ millis, calls, cpuRatio: await measureOwnCpu(createUncalled(wired)) } satisfies OrderFindings);
process.exit(0);
