import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MetricDefinition, metrics } from '../../functions/platform/metrics.ts';
import type { MeasuredWork } from './work.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Events that come also when nobody orders anything. */
const periodic: ReadonlySet<string> = new Set([
  'TICK_COMPLETED',
  'CLEANING_COMPLETED',
  'AUDIT_COMPLETED',
  'IMPORT_TICK_COMPLETED',
]);

/** Values of a dimension beside the stage, such as the routes: about as many as there are. */
const valuesOfDimension = 11;

const countSeries = (definitions: readonly MetricDefinition[]): number =>
  definitions.reduce((sum, { by }) => sum + (by === undefined ? 1 : valuesOfDimension), 0);

/** What stands there all the time, counted in `infra/` and in the table of metrics. */
export const countStanding = (): MeasuredWork['standing'] => {
  const text = globSync('infra/**/*.yml', { cwd: root })
    .map((file) => readFileSync(`${root}${file}`, 'utf8'))
    .join('\n');
  const countLines = (line: RegExp) => text.match(line)?.length ?? 0;
  const count = (type: string) => countLines(new RegExp(`Type: ${type}$`, 'gm'));
  const definitions: readonly MetricDefinition[] = Object.values(metrics);
  return {
    alarms: count('AWS::CloudWatch::Alarm') - countLines(/^ {6}Metrics:$/gm) + countLines(/ MetricStat:$/gm),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    keys: count('AWS::KMS::Key'),
    queues: countLines(/^ {2}- sqs:$/gm),
    periodicMetrics: countSeries(definitions.filter(({ events }) => events.some((event) => periodic.has(event)))),
    metrics: countSeries(definitions),
  };
};
