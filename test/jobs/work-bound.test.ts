import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../functions/jobs/job.ts';
import { endBy, retryUncountedAt } from '../../functions/jobs/pauses.ts';
import { clientSettings } from '../../functions/platform/client-settings.ts';
import { type ErrorCode, ServiceError } from '../../functions/platform/service-error.ts';
import { type InfraTemplate, readInfraTemplate } from '../../local/infra-template.ts';
import { deployedRules, startJobRun } from '../support/run-jobs.ts';
import { sampleBinaryId } from '../support/sample-job.ts';

const lifeCycle = readFileSync(new URL('../../docs/job-life-cycle.md', import.meta.url), 'utf8');

/** The numbers of the table in the document, by the words that begin their row. */
const documented = (row: string): number => Number(new RegExp(`^\\| ${row}[^|]*\\| (\\d+) `, 'm').exec(lifeCycle)?.[1]);

let template: InfraTemplate;
beforeAll(async () => {
  template = await readInfraTemplate();
});

/** What the settings of `infra/` allow one job at the most, whatever fails. */
const boundOf = ({ functions, resources }: InfraTemplate) => {
  const seconds = (name: string) => Number(functions.api.environment[name]);
  const attempts = Number(functions.worker.environment['MAX_ATTEMPTS']);
  const ticks = Math.floor((seconds('EXECUTE_DEADLINE_SECONDS') - seconds('DEADLINE_MARGIN_SECONDS')) / 60);
  const queue = resources['ReportQueue']?.Properties as { RedrivePolicy: { maxReceiveCount: number } };
  const { maxReceiveCount } = queue.RedrivePolicy;
  const messages = 1 + ticks;
  const deliveries = messages * maxReceiveCount;
  const claims = deliveries * clientSettings.maxAttempts;
  return { messages, deliveries, claims, attempts, puts: attempts * clientSettings.maxAttempts, maxReceiveCount };
};

/** One job whose report can never be stored, each of its messages delivered as often as the queue does. */
const runToItsEnd = async (code: ErrorCode) => {
  const counted = { claims: 0, puts: 0 };
  const run = await startJobRun({
    deliveries: boundOf(template).maxReceiveCount,
    worker: (own) => ({
      ...own,
      jobs: {
        ...own.jobs,
        claim: (...call) => {
          counted.claims += 1;
          return own.jobs.claim(...call);
        },
      },
      content: {
        ...own.content,
        put: () => {
          counted.puts += 1;
          return Promise.reject(new ServiceError(code, { reason: 'content-store x' }));
        },
      },
    }),
  });
  const current = () => run.jobs.all()[0] as Job;
  await run.deliver();
  while (current().status !== 'FAILED') await run.minute();
  return { ...counted, messages: 1 + current().redrives, job: current() };
};

describe('A60: retries do not multiply: the work for one job', () => {
  test('A60: is bounded by numbers that follow from the settings and stand in the document', () => {
    const { messages, deliveries, claims, attempts, puts } = boundOf(template);
    expect({ messages, deliveries, claims, attempts, puts }).toEqual({
      messages: documented('messages'),
      deliveries: documented('deliveries'),
      claims: documented('requests to take it'),
      attempts: documented('attempts'),
      puts: documented('requests to store'),
    });
    expect(puts).toBeLessThan(claims);
  });
  test('A60: is made by the rules that the settings give', () => {
    const { worker, dispatcher } = template.functions;
    const millis = (name: string) => Number({ ...worker.environment, ...dispatcher.environment }[name]) * 1000;
    expect(deployedRules).toEqual({
      lease: millis('LEASE_SECONDS'),
      maxAttempts: Number(worker.environment['MAX_ATTEMPTS']),
      requeueAfter: millis('REQUEUE_AFTER_SECONDS'),
      retryAfter: millis('RETRY_AFTER_SECONDS'),
      deadlineMargin: millis('DEADLINE_MARGIN_SECONDS'),
    });
  });
  test('A60: stays within them where S3 takes no report and every message comes five times', async () => {
    const bound = boundOf(template);
    const { claims, puts, messages, job } = await runToItsEnd('GENERAL_DEPENDENCY_UNAVAILABLE');
    expect(job).toMatchObject({ failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' }, attempts: bound.attempts });
    expect(puts).toBe(bound.attempts);
    expect(messages).toBeLessThanOrEqual(bound.messages);
    expect(claims).toBeLessThanOrEqual(bound.deliveries);
  });
  test('A60: is tried, where S3 refuses a scheduled job for six hours, as often as the document says', () => {
    const [deadline, tick] = [6 * 3_600_000, 60_000];
    const attemptsOf = (binaryId: string): number => {
      let now = 0;
      let redrives = 0;
      for (; now <= endBy({ deadline }, deployedRules) - deployedRules.lease; redrives += 1) {
        const due = retryUncountedAt({ binaryId, deadline, redrives }, now, deployedRules);
        now = Math.ceil((due + 1) / tick) * tick;
      }
      return redrives;
    };
    const most = Math.max(...Array.from({ length: 300 }, (_, n) => attemptsOf(sampleBinaryId(n.toString(16)))));
    expect(most).toBe(Number(/six hours is tried (\d+) times at most/.exec(lifeCycle)?.[1]));
  });
  test('A60: stays within the number of messages where S3 refuses and no attempt counts', async () => {
    const bound = boundOf(template);
    const { claims, puts, messages, job } = await runToItsEnd('DEPENDENCY_REFUSED');
    expect(job).toMatchObject({ failure: { code: 'JOB_DEADLINE_PASSED' }, attempts: 0 });
    expect(puts).toBe(messages);
    expect(messages).toBeLessThanOrEqual(bound.messages / 2);
    expect(claims).toBeLessThanOrEqual(bound.deliveries);
  });
});
