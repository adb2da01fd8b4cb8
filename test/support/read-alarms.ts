import { readFileSync } from 'node:fs';
import { functionNames } from '../../infra/build-bundles.ts';
import { parseTemplate } from '../../infra/parse-template.ts';
import { readParameters } from '../../infra/read-parameters.ts';
import { resolveTemplate, type TemplateScope } from '../../local/resolve-template.ts';
import type { Alarm, MetricQuery } from './alarm.ts';
import { functionLogicalId } from './count-invocations.ts';

/** Resources of a template, by logical id. */
export type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
>;

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Unit?: string;
}

interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: {
    readonly Stat: string;
    readonly Period: number;
    readonly Unit?: string;
    readonly Metric: Metric;
  };
}

interface AlarmProperties extends Metric {
  readonly AlarmDescription: string;
  readonly Metrics?: readonly MetricDataQuery[];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Period?: number;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData?: string;
  readonly AlarmActions?: readonly unknown[];
}

/** References stand for themselves: a function is called `ApiLambdaFunction`, a queue `ReportQueue.QueueName`. */
const scopeOf = (parameters: TemplateScope['parameters']): TemplateScope => ({
  parameters,
  // Within a longer text, osls puts parameters in before CloudFormation sees it.
  ref: (id) => (id.startsWith('param:') ? String(parameters[id.slice('param:'.length)]) : id),
  getAtt: (logicalId, attribute) => `${logicalId}.${attribute}`,
});

const toQuery = (metric: Metric, statistic: string, period: number, unit = metric.Unit): MetricQuery => ({
  namespace: metric.Namespace,
  name: metric.MetricName,
  dimensions: Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
  statistic,
  period,
  ...(unit === undefined ? {} : { unit }),
});

const readQueries = (properties: AlarmProperties): Pick<Alarm, 'queries' | 'expressions' | 'watched'> => {
  const { Metrics, Statistic, ExtendedStatistic, Period = 0 } = properties;
  if (Metrics === undefined) {
    const query = toQuery(properties, Statistic ?? ExtendedStatistic ?? '', Period);
    return { queries: { metric: query }, expressions: {}, watched: 'metric' };
  }
  const queries = Metrics.flatMap(({ Id, MetricStat }) =>
    MetricStat === undefined
      ? []
      : [[Id, toQuery(MetricStat.Metric, MetricStat.Stat, MetricStat.Period, MetricStat.Unit)] as const],
  );
  const expressions = Metrics.flatMap(({ Id, Expression }) => (Expression === undefined ? [] : [[Id, Expression]]));
  const watched = Metrics.filter(({ ReturnData }) => ReturnData !== false).map(({ Id }) => Id);
  if (watched.length !== 1) throw new TypeError(`an alarm watches one thing, not ${watched.length}`);
  return {
    queries: Object.fromEntries(queries),
    expressions: Object.fromEntries(expressions),
    watched: watched[0] ?? '',
  };
};

/** The alarms of a template, packaged or as it stands in `infra/`. */
export const findAlarms = (resources: Resources, parameters: TemplateScope['parameters'] = {}): readonly Alarm[] =>
  Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
    .map(([id, { Properties }]) => {
      const properties = resolveTemplate(Properties, scopeOf(parameters)) as AlarmProperties;
      return {
        id,
        description: properties.AlarmDescription,
        ...readQueries(properties),
        comparison: properties.ComparisonOperator,
        threshold: properties.Threshold,
        evaluationPeriods: properties.EvaluationPeriods,
        datapointsToAlarm: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
        missing: properties.TreatMissingData ?? 'missing',
        actions: properties.AlarmActions ?? [],
      };
    });

const alarmFiles = [
  'alarms/topic',
  'alarms/dashboard',
  'alarms/jobs',
  'alarms/api',
  'alarms/content',
  'alarms/imports',
  'alarms/functions',
  'resources/deployment-alarms',
  'resources/deployments',
  'resources/queues',
] as const;

/** The resources of `infra/alarms/`, the alarms that turn a deployment back, and what they watch. */
export const readAlarmResources = (): Resources =>
  Object.assign(
    {},
    ...alarmFiles.map((name) => {
      const text = readFileSync(new URL(`../../infra/${name}.yml`, import.meta.url), 'utf8');
      return (parseTemplate(text) as { Resources: Resources }).Resources;
    }),
    ...functionNames.map((name) => ({ [functionLogicalId(name)]: { Type: 'AWS::Lambda::Function', Properties: {} } })),
    { HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} } },
  ) as Resources;

/** The parameters with which `infra/` is resolved for a stage. */
export const alarmParameters = (stage: string): TemplateScope['parameters'] => ({ ...readParameters(), stage });

/** All alarms of `infra/`, for a stage. */
export const readAlarms = (stage: string): readonly Alarm[] => findAlarms(readAlarmResources(), alarmParameters(stage));

type WidgetMetric = readonly (string | { readonly stat?: string })[];

/** The metrics that a dashboard shows. Periods are as it says them for all of a widget. */
export const findDashboardMetrics = (
  resources: Resources,
  parameters: TemplateScope['parameters'] = {},
): readonly MetricQuery[] =>
  Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')
    .flatMap(({ Properties }) => {
      const body = resolveTemplate(Properties['DashboardBody'], scopeOf(parameters)) as string;
      const { widgets } = JSON.parse(body) as {
        widgets: { properties: { metrics?: WidgetMetric[]; stat?: string; period?: number } }[];
      };
      return widgets.flatMap(({ properties: { metrics = [], stat = 'Average', period = 300 } }) =>
        metrics.map((metric) => {
          const texts = metric.filter((part): part is string => typeof part === 'string');
          const own = metric.find((part) => typeof part === 'object');
          const [namespace = '', name = '', ...pairs] = texts;
          const dimensions = Object.fromEntries(
            pairs.flatMap((part, at) => (at % 2 === 0 ? [[part, pairs[at + 1] ?? '']] : [])),
          );
          return { namespace, name, dimensions, statistic: own?.stat ?? stat, period };
        }),
      );
    });
