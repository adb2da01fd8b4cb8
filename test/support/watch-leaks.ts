import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, afterEach, vi } from 'vitest';
import { originalOf, registerToken, takeLeaks, watch } from './leak-watch.ts';

// A setup file of vitest: puts the watch of `leak-watch.ts` at every place where the service lets something out, whatever a test is
// about: log lines, answers, errors, audit events, messages, stdout and stderr. Fetched answers: `check-fetch.ts`.

vi.mock('../../functions/platform/logger.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../functions/platform/logger.ts')>();
  const createLogger: typeof real.createLogger = (clock, write, stage) =>
    real.createLogger(
      clock,
      (line) => {
        watch('the log', line);
        write(line);
      },
      stage,
    );
  return { ...real, createLogger };
});

vi.mock('../../functions/platform/service-error.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../functions/platform/service-error.ts')>();
  const ServiceError = new Proxy(real.ServiceError, {
    construct(target, call, asked) {
      const error = Reflect.construct(target, call, asked) as InstanceType<typeof target>;
      watch('an error', [error.message, error.stack, error.cause, error.details]);
      return error;
    },
  });
  return { ...real, ServiceError };
});

vi.mock('../../functions/audit/audit-event.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../functions/audit/audit-event.ts')>();
  const describeAudit: typeof real.describeAudit = (request) => {
    const event = real.describeAudit(request);
    // Who it was is what an audit event is for.
    watch('an audit event', { ...event, agent: [] });
    return event;
  };
  return { ...real, describeAudit };
});

vi.mock('../../functions/jobs/job-message.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../functions/jobs/job-message.ts')>();
  const writeJobMessage: typeof real.writeJobMessage = (message) => {
    const body = real.writeJobMessage(message);
    watch('a message', body);
    return body;
  };
  return { ...real, writeJobMessage };
});

vi.mock('../../functions/api/create-api-handler.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../functions/api/create-api-handler.ts')>();
  const createApiHandler: typeof real.createApiHandler = (dependencies) => {
    const handler = real.createApiHandler(dependencies);
    return async (event, context) => {
      registerToken((event as Partial<APIGatewayProxyEventV2> | undefined)?.headers?.['authorization']);
      const answer = await handler(event, context);
      watch('an answer', [answer.statusCode, answer.headers, answer.cookies]);
      watch('an answer', answer.isBase64Encoded === true ? Buffer.from(answer.body ?? '', 'base64') : answer.body);
      return answer;
    };
  };
  return { ...real, createApiHandler };
});

for (const [place, stream] of [
  ['stdout', process.stdout],
  ['stderr', process.stderr],
] as const) {
  const write = originalOf(place, stream.write.bind(stream)) as (...call: unknown[]) => boolean;
  stream.write = (...call: unknown[]) => {
    watch(place, call[0]);
    return write(...call);
  };
}
for (const name of ['debug', 'error', 'info', 'log', 'warn'] as const) {
  // biome-ignore lint/suspicious/noConsole: what goes there is watched too
  const write = originalOf(`console.${name}`, console[name].bind(console));
  console[name] = (...call: unknown[]) => {
    watch('the console', call);
    write(...call);
  };
}

const failOnLeaks = (): void => {
  const leaks = takeLeaks();
  if (leaks.length > 0) throw new Error(`came out (I9): ${leaks.join(', ')}`);
};
afterEach(failOnLeaks);
afterAll(failOnLeaks);
