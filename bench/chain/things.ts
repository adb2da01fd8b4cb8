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

/** What is compared: each does its work once, and throws where that does not come to what it should. */
export interface Things {
  /** One verification of the token's signature, by `crypto.verify` and nothing else. */
  readonly raw: () => void;
  /** The verification of the token, by the service. */
  readonly token: () => Promise<unknown>;
  /** A whole order. */
  readonly chain: () => Promise<void>;
}

/** The things that are compared, over one tenant and its key. */
export const createThings = (): Things => {
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
