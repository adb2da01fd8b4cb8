import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readApiRequest } from '../../functions/api/api-request.ts';
import { createApiHandler } from '../../functions/api/create-api-handler.ts';
import type { ApiDependencies } from '../../functions/api/dependencies.ts';
import { createRecentPaces } from '../../functions/api/recent-paces.ts';
import type { AuditEvent } from '../../functions/audit/audit-event.ts';
import type { Caller } from '../../functions/auth/caller.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { checkAnswer, readBodyText } from './check-answer.ts';
import { createCountedIds } from './counted-ids.ts';
import { createInMemoryContent, type InMemoryContent } from './in-memory-content.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from './in-memory-job-store.ts';
import { createInMemoryReportPace, type InMemoryReportPace } from './in-memory-report-pace.ts';
import { createInMemorySummaries, type InMemorySummaries } from './in-memory-summaries.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createManualTimers } from './manual-timers.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';
import { demoUser } from './sample-job.ts';
import { sampleTenant } from './sample-tenant.ts';

/** The caller of the contract's example; what is given replaces what it has. */
export const sampleCaller = (own: Partial<Caller> = {}): Caller => ({
  tenant: sampleTenant(),
  userId: demoUser,
  userType: 'PRACTITIONER',
  roles: new Set(['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read']),
  ...own,
});

/** The api over stores in memory, and everything that it touches. */
export interface TestApi {
  readonly jobs: InMemoryJobStore;
  readonly content: InMemoryContent;
  readonly pace: InMemoryReportPace;
  readonly summaries: InMemorySummaries;
  readonly sent: string[];
  readonly clock: ManualClock;
  readonly logger: RecordedLog;
  /** Every audit event, in order. */
  readonly audited: AuditEvent[];
  /** How often a store, the content or the queue was called. */
  calls(): number;
  /** Which of their methods were called, in order: `jobs.read`, `content.put`. */
  called(): readonly string[];
  send(event: APIGatewayProxyEventV2, context?: Partial<Context>): Promise<APIGatewayProxyStructuredResultV2>;
}

/** Notes the calls of every method. */
const noted = <Port extends object>(port: Port, name: string, called: string[]): Port =>
  new Proxy(port, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== 'function') return value;
      return (...call: unknown[]) => {
        called.push(`${name}.${String(method)}`);
        return Reflect.apply(value, target, call);
      };
    },
  });

/** What a test sends and gets is checked whatever the test is about. */
const checkEvent = (event: APIGatewayProxyEventV2, answer: APIGatewayProxyStructuredResultV2): Promise<void> => {
  const { statusCode = 0, headers = {}, body = '', isBase64Encoded = false } = answer;
  const { method, path } = readApiRequest(event, '/fhir', createCountedIds());
  const text = readBodyText(body, isBase64Encoded, headers['content-encoding']);
  return checkAnswer({ method, path, status: statusCode, headers, body: text });
};

/**
 * Wires the real api handler over stores in memory. The verifier knows these tokens and no others: `Bearer <name>` for each name
 * in `callers`. (What makes a token good is tested in test/auth, and with real tokens in test/journeys.)
 */
export const createTestApi = (
  callers: Readonly<Record<string, Caller>> = { owner: sampleCaller() },
  own: Partial<ApiDependencies> = {},
): TestApi => {
  const called: string[] = [];
  const jobs = createInMemoryJobStore();
  const content = createInMemoryContent();
  const pace = createInMemoryReportPace();
  const summaries = createInMemorySummaries();
  const clock = createManualClock();
  const logger = createRecordedLog();
  const sent: string[] = [];
  const audited: AuditEvent[] = [];
  const handler = createApiHandler({
    verifier: {
      async verify(authorization) {
        const caller = callers[authorization?.replace(/^Bearer /, '') ?? ''];
        if (caller === undefined) throw new ServiceError('SECURITY_TOKEN_INVALID', { args: ['no'], challenge: 'none' });
        return caller;
      },
    },
    jobs: noted(jobs, 'jobs', called),
    paces: createRecentPaces({ store: noted(pace, 'pace', called), clock, logger }),
    content: noted(content, 'content', called),
    summaries: noted(summaries, 'summaries', called),
    eraser: noted(content, 'eraser', called),
    dataSets: noted({ openCurrent: () => Promise.reject(new ServiceError('DATA_SET_MISSING')) }, 'dataSets', called),
    queue: noted({ send: async (_tenantId: unknown, binaryId: string) => void sent.push(binaryId) }, 'queue', called),
    clock,
    audit: { write: async (event) => void audited.push(event) },
    ids: createCountedIds(),
    timers: createManualTimers(clock),
    logger,
    baseUrl: 'https://reporting.example/fhir',
    basePath: '/fhir',
    rules: { requeueAfter: 60_000, deadlineMargin: 90_000 },
    executeDeadline: 15 * 60_000,
    retention: 90 * 24 * 60 * 60_000,
    ...own,
  });
  const context = { getRemainingTimeInMillis: () => 29_000 };
  return {
    jobs,
    content,
    pace,
    summaries,
    sent,
    clock,
    logger,
    audited,
    calls: () => called.length,
    called: () => called,
    async send(event, given = {}) {
      const answer = await handler(event, { ...context, ...given } as Context);
      await checkEvent(event, answer);
      return answer;
    },
  };
};

/** The FHIR resource in an answer's body. */
export const resourceOf = <Resource = Record<string, unknown>>(answer: APIGatewayProxyStructuredResultV2): Resource =>
  JSON.parse(answer.body ?? 'null') as Resource;
