import type { FunctionTemplate } from './infra-template.ts';
import { resolveTemplate, type TemplateScope } from './resolve-template.ts';

/** How a queue feeds a function. */
export interface EventSource {
  readonly queueArn: string;
  readonly batchSize: number;
  readonly concurrency: number;
}

/** More workers than this would only take turns in one process. */
const mostConcurrency = 2;

const findEvent = (template: FunctionTemplate, kind: string): unknown => {
  const event = template.events.find((candidate) => Object.hasOwn(candidate, kind));
  if (event === undefined) throw new Error(`infra/functions has no ${kind} event where one is needed`);
  return event[kind];
};

/**
 * A function's SQS event source, as its file in `infra/functions/` has it.
 *
 * @throws Error when it has none, or one without partial batch responses, which the poller always understands
 */
export const readEventSource = (template: FunctionTemplate, scope: TemplateScope): EventSource => {
  const source = resolveTemplate(findEvent(template, 'sqs'), scope) as Record<string, unknown>;
  if (source['functionResponseType'] !== 'ReportBatchItemFailures') {
    throw new Error('infra/functions: the event source of a queue has to report batch item failures');
  }
  return {
    queueArn: String(source['arn']),
    batchSize: Number(source['batchSize']),
    concurrency: Math.min(Number(source['maximumConcurrency']), mostConcurrency),
  };
};

const unitSeconds = { minute: 60, minutes: 60, hour: 3600, hours: 3600 } as const;

const day = 24 * 60 * 60;

/**
 * Seconds between two runs of a function, from a schedule such as `rate(1 minute)`, or `cron(30 3 * * ? *)`: once a day.
 *
 * @throws Error for any other form
 */
export const readTickSeconds = (template: FunctionTemplate): number => {
  const schedule = String(findEvent(template, 'schedule'));
  if (/^cron\(\d+ \d+ \* \* \? \*\)$/.test(schedule)) return day;
  const [, count, unit] = /^rate\((\d+) (minutes?|hours?)\)$/.exec(schedule) ?? [];
  if (count === undefined) throw new Error(`infra/functions: ${schedule} is neither a rate nor a time of the day`);
  return Number(count) * unitSeconds[unit as keyof typeof unitSeconds];
};
