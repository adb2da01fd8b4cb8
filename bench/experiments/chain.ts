import { verify } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { readApiConfig } from '../../functions/api/config.ts';
import { createApiHandler } from '../../functions/api/create-api-handler.ts';
import { createIssuerKeys } from '../../functions/auth/issuer-keys.ts';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { createTokenVerifier, type TokenVerifier } from '../../functions/auth/verify-token.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { createLogger } from '../../functions/platform/logger.ts';
import { systemTimers } from '../../functions/platform/timers.ts';
import { apiEvent } from '../../test/support/api-event.ts';
import { createTenant } from '../../test/support/auth-bench.ts';
import { contractOrder } from '../../test/support/fhir-client.ts';
import { createInMemoryContent } from '../../test/support/in-memory-content.ts';
import { createInMemoryJobStore } from '../../test/support/in-memory-job-store.ts';
import { createRsaKey, keySetOf, type SigningKey, signToken } from '../../test/support/signed-tokens.ts';
import { type Experiment, type ExperimentCall, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { interleave } from '../harness/interleave.ts';
import { checkItself } from '../harness/self-check.ts';
import { divideByRound } from '../harness/summary.ts';
import { measureCpu } from '../harness/usage.ts';

/** Rounds before the first that counts: thousands of orders, so that the code is as fast as it gets. */
const warmUps = 5;

/** How far the raw verification may be from itself. */
const tolerance = 0.1;

const signAs = (tenant: Tenant, key: SigningKey): string => {
  const now = Math.floor(Date.now() / 1000);
  const user = { user_id: 'fbf769fc-7131-4ad6-82f1-25537983f6b5', user_type: 'PRACTITIONER' };
  const realm_access = { roles: ['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read'] };
  return signToken({ iss: tenant.issuer, aud: 'EHealth', iat: now, exp: now + 3600, ...user, realm_access }, key);
};

const createVerifier = (tenant: Tenant, key: SigningKey, logger: ReturnType<typeof createLogger>): TokenVerifier => {
  const fetcher = { fetch: async () => keySetOf(key) };
  return createTokenVerifier({
    registry: { byIssuer: async () => tenant, byId: async () => tenant },
    keys: createIssuerKeys({ fetcher, clock: systemClock, logger }),
    clock: systemClock,
    logger,
  });
};

/** The api as it is deployed, over stores that take everything and keep nothing: what is left is the chain. */
const createChain = (verifier: TokenVerifier, logger: ReturnType<typeof createLogger>) => {
  const content = createInMemoryContent();
  const names = ['JOBS_TABLE', 'TENANTS_TABLE', 'CONTENT_BUCKET', 'DATA_BUCKET', 'AUDIT_LOG_GROUP', 'AUDIT_LOG_STREAM'];
  const settings = Object.fromEntries([...names, 'STAGE', 'REPORT_QUEUE_URL'].map((name) => [name, 'bench']));
  const config = readApiConfig({ ...settings, AWS_REGION: 'eu-north-1', BASE_URL: 'https://reporting.example/fhir' });
  return createApiHandler({
    verifier,
    jobs: {
      ...createInMemoryJobStore(),
      admit: async () => true,
      place: async (_tenantId, job) => ({ outcome: 'applied', job }),
    },
    paces: { of: async () => undefined },
    content,
    eraser: content,
    summaries: { read: () => Promise.reject(new Error('an order reads no summary')), keep: async () => {} },
    dataSets: { openCurrent: () => Promise.reject(new Error('an order reads no data set')) },
    queue: { send: async () => {} },
    audit: { write: async (event) => void JSON.stringify(event) },
    clock: systemClock,
    ids: randomIds,
    timers: systemTimers,
    logger,
    baseUrl: config.baseUrl,
    basePath: '/fhir',
    rules: config,
    executeDeadline: config.executeDeadline,
    retention: config.retention,
  });
};

/** The things that are compared, each once. */
const createThings = () => {
  const [tenant, key] = [createTenant('demo'), createRsaKey('k')];
  const logger = createLogger(systemClock, () => {}, 'bench');
  const token = signAs(tenant, key);
  const verifier = createVerifier(tenant, key, logger);
  const chain = createChain(verifier, logger);
  const cut = token.lastIndexOf('.');
  const [signed, signature] = [Buffer.from(token.slice(0, cut)), Buffer.from(token.slice(cut + 1), 'base64url')];
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/fhir+json; charset=UTF-8',
    accept: 'application/fhir+json;q=1.0, application/json+fhir;q=0.9',
    'accept-encoding': 'gzip',
  };
  const context = { getRemainingTimeInMillis: () => 20_000 } as Context;
  return {
    raw: () => {
      if (!verify('sha256', signed, key.publicKey, signature)) throw new Error('the signature is good');
    },
    token: () => verifier.verify(headers.authorization),
    chain: async () => {
      const event = apiEvent('POST', '/fhir/$execute-patient-usage-stats', { headers, body: contractOrder });
      const { statusCode, body } = await chain(event, context);
      if (statusCode !== 200) throw new Error(`an order was answered ${statusCode}: ${body}`);
    },
  };
};

/** Processor time of one of many, in µs. */
const measureEach = (times: number, run: () => unknown) => async () => {
  const spent = await measureCpu(async () => {
    for (let index = 0; index < times; index += 1) await run();
  });
  return (spent * 1000) / times;
};

const run = async (call: ExperimentCall): Promise<readonly Figure[]> => {
  const { raw, token, chain } = createThings();
  const [rounds, times] = call.isQuick ? [5, 500] : [readWholeOption(call, 'rounds'), 2000];
  const things = {
    raw: measureEach(times, raw),
    token: measureEach(times, token),
    chain: measureEach(times, chain),
    again: measureEach(times, raw),
  };
  const costs = await interleave(things, rounds, warmUps);
  const doubt = checkItself(costs.raw, costs.again, tolerance);
  return [
    figure('chain-ratio', '× raw', divideByRound(costs.chain, costs.raw), doubt),
    figure('token-ratio', '× raw', divideByRound(costs.token, costs.raw), doubt),
    figure('raw', 'µs', costs.raw),
    figure('token', 'µs', costs.token),
    figure('chain', 'µs', costs.chain),
  ];
};

/** What does an order cost that waits for nothing? */
export const chain: Experiment = {
  question:
    "What processor time does an order take without any network, against verifying its token's signature alone?",
  options: { rounds: { type: 'string', default: '15' } },
  optionLines: ['  --rounds  how often each is measured'],
  run,
};
