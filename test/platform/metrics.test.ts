import { expect, test } from 'vitest';
import { type LogEvent, type LogFields, logEvents } from '../../functions/platform/log-events.ts';
import { createLogger } from '../../functions/platform/logger.ts';
import { type MetricDefinition, metrics } from '../../functions/platform/metrics.ts';

const at = Date.UTC(2026, 3, 16);
const logLine = <Event extends LogEvent>(event: Event, fields: LogFields<Event>, stage?: string) => {
  const lines: string[] = [];
  createLogger({ now: () => at }, (line) => lines.push(line), stage).log(event, fields);
  return JSON.parse(lines.join()) as Record<string, unknown>;
};
const definitions: [string, MetricDefinition][] = Object.entries(metrics);

test('a line of an event that carries metrics is one in the embedded metric format, with its own fields as ever', () => {
  expect(logLine('JOB_DONE', { tenant: 'demo', milliseconds: 1200 }, 'prod')).toEqual({
    time: '2026-04-16T00:00:00.000Z',
    level: 'info',
    event: 'JOB_DONE',
    message: 'A report is finished',
    tenant: 'demo',
    milliseconds: 1200,
    Stage: 'prod',
    FinishedJobs: 1,
    ReportDuration: 1200,
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: 'serverless-reporting',
          Dimensions: [['Stage']],
          Metrics: [
            { Name: 'FinishedJobs', Unit: 'Count' },
            { Name: 'ReportDuration', Unit: 'Milliseconds' },
          ],
        },
      ],
    },
  });
});

test('a metric by route has the route as a dimension; a request that belongs to none has one too', () => {
  const durationBy = { Dimensions: [['Stage', 'Route']], Metrics: [{ Name: 'RequestDuration', Unit: 'Milliseconds' }] };
  const found = logLine('REQUEST_COMPLETED', { route: 'Binary', milliseconds: 12 }, 'prod');
  expect(found).toMatchObject({ Route: 'Binary', RequestDuration: 12, _aws: { CloudWatchMetrics: [durationBy] } });
  expect(logLine('REQUEST_COMPLETED', { milliseconds: 12 }, 'prod')).toMatchObject({ Route: 'none' });
});

test('a field that is absent is no value: not 0, and not a metric without one', () => {
  const line = logLine('TICK_COMPLETED', { due: 0, deadLetters: undefined, oldestSeconds: 7 }, 'prod');
  expect(line).toMatchObject({ Ticks: 1, OldestJobAge: 7 });
  expect(line).not.toHaveProperty('DeadLetters');
  expect(JSON.stringify(line['_aws'])).not.toContain('DeadLetters');
  expect(logLine('TOKEN_AHEAD_OF_CLOCK', { tenant: 'demo' }, 'prod')).not.toHaveProperty('_aws');
});

test('an event that no metric names, and a logger without a stage, write plain lines', () => {
  expect(logLine('JOB_CLAIMED', { tenant: 'demo' }, 'prod')).not.toHaveProperty('_aws');
  expect(logLine('JOB_DONE', { tenant: 'demo' })).not.toHaveProperty('_aws');
});

test.each(definitions)(
  '%s is made from fields that its events have, and never from who it was',
  (_name, definition) => {
    for (const event of definition.events) {
      const fields: readonly string[] = logEvents[event].fields;
      if (definition.field !== undefined) expect(fields).toContain(definition.field);
      if (definition.by !== undefined) expect(fields).toContain(definition.by.field);
    }
    expect(['tenant', 'requestId', 'binaryId', 'jobId', 'key']).not.toContain(definition.by?.field);
  },
);

test.each(definitions)('%s is carried by every one of its events', (name, { events, field, by }) => {
  for (const event of events) {
    const given = {
      ...(field === undefined ? {} : { [field]: 3 }),
      ...(by === undefined ? {} : { [by.field]: 'one' }),
    };
    expect(logLine(event, given as LogFields<typeof event>, 'prod')[name]).toBe(field === undefined ? 1 : 3);
  }
});

test('no metric or dimension has the name of a field, which it would replace', () => {
  const fields = new Set<string>(Object.values(logEvents).flatMap((event) => [...event.fields]));
  const names = definitions.flatMap(([name, { by }]) => (by === undefined ? [name] : [name, by.dimension]));
  expect([...names, 'Stage'].filter((name) => fields.has(name))).toEqual([]);
});
