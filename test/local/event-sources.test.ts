// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation and the framework write placeholders so.
import { describe, expect, it } from 'vitest';
import { readEventSource, readTickSeconds } from '../../local/event-sources.ts';
import type { FunctionTemplate } from '../../local/infra-template.ts';

const scope = { parameters: { workers: 10 }, ref: () => '', getAtt: () => 'arn' };
const template = (...events: FunctionTemplate['events']): FunctionTemplate => ({
  timeout: 1,
  memorySize: 128,
  environment: {},
  events,
});
const sqs = {
  arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
  batchSize: 3,
  maximumConcurrency: '${param:workers}',
  functionResponseType: 'ReportBatchItemFailures',
};

describe('the event sources of infra', () => {
  it('say how the queue feeds the worker; more than two workers would only take turns', () => {
    expect(readEventSource(template({ sqs }), scope)).toEqual({ queueArn: 'arn', batchSize: 3, concurrency: 2 });
  });

  it('are refused without partial batch responses or without a queue', () => {
    expect(() => readEventSource(template({ sqs: { ...sqs, functionResponseType: undefined } }), scope)).toThrow(
      'batch item',
    );
    expect(() => readEventSource(template({ schedule: 'rate(1 minute)' }), scope)).toThrow('sqs');
  });

  it.each([
    ['rate(1 minute)', 60],
    ['rate(5 minutes)', 300],
    ['rate(2 hours)', 7200],
    ['cron(30 3 * * ? *)', 86_400],
  ])('tick at %s every %i s', (schedule, seconds) => {
    expect(readTickSeconds(template({ schedule }))).toBe(seconds);
  });

  it('are refused with a tick that is neither a rate nor a time of the day', () => {
    expect(() => readTickSeconds(template({ schedule: 'cron(0 1 ? * MON *)' }))).toThrow('cron');
  });
});
