import {
  type MetricDefinition,
  type MetricKind,
  metricNamespace,
  metrics,
  stageDimension,
} from '../../functions/platform/metrics.ts';
import { aliasName } from '../../infra/live-aliases.ts';
import type { MetricQuery } from './alarm.ts';
import { findAlarms, findDashboardMetrics, type Resources } from './read-alarms.ts';

/** What may be asked for, and with what it is compared. */
export interface MetricWorld {
  /** The template whose functions, queues and gateway AWS measures. */
  readonly resources: Resources;
  readonly stage: string;
  /** Values of the dimension `Route`. */
  readonly routes: readonly string[];
}

const statistics: Readonly<Record<MetricKind, RegExp>> = {
  events: /^(Sum|SampleCount)$/,
  highest: /^Maximum$/,
  lowest: /^Minimum$/,
  duration: /^(p\d{2}|SampleCount)$/,
};

interface AwsNamespace {
  /** By name. */
  readonly metrics: Readonly<Record<string, MetricKind>>;
  readonly dimension: string;
  /** A second one that it may have beside, and what its value is of the first's. */
  readonly part?: { readonly dimension: string; readonly suffix: string };
  /** The type of what the dimension names. */
  readonly type: string;
  /** What of a value is the logical id. */
  readonly id: RegExp;
}

/**
 * Of AWS's own metrics those that are asked for: "Types of metrics for Lambda functions", "Available CloudWatch metrics for Amazon SQS",
 * "Monitor CloudWatch metrics for HTTP APIs".
 */
const awsNamespaces: Readonly<Record<string, AwsNamespace>> = {
  'AWS/Lambda': {
    metrics: { Errors: 'events', Throttles: 'events', Duration: 'duration', ConcurrentExecutions: 'highest' },
    dimension: 'FunctionName',
    part: { dimension: 'Resource', suffix: `:${aliasName}` },
    type: 'AWS::Lambda::Function',
    id: /^(\w+)$/,
  },
  'AWS/SQS': {
    metrics: { ApproximateAgeOfOldestMessage: 'highest', ApproximateNumberOfMessagesVisible: 'highest' },
    dimension: 'QueueName',
    type: 'AWS::SQS::Queue',
    id: /^(\w+)\.QueueName$/,
  },
  'AWS/ApiGateway': {
    metrics: { '4xx': 'events', '5xx': 'events', Count: 'events' },
    dimension: 'ApiId',
    type: 'AWS::ApiGatewayV2::Api',
    id: /^(\w+)$/,
  },
};

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());

const checkOwn = (query: MetricQuery, { stage, routes }: MetricWorld): string[] => {
  const definition: MetricDefinition | undefined = Object.hasOwn(metrics, query.name)
    ? metrics[query.name as keyof typeof metrics]
    : undefined;
  if (definition === undefined) return [`no event carries ${query.name}`];
  const { by, kind, unit } = definition;
  const names = by === undefined ? [stageDimension] : [stageDimension, by.dimension];
  const faults: string[] = [];
  if (!sameNames(Object.keys(query.dimensions), names)) faults.push(`${query.name} has the dimensions ${names}`);
  else if (query.dimensions[stageDimension] !== stage) faults.push(`${query.name} of another stage`);
  else if (by !== undefined && !routes.includes(query.dimensions[by.dimension] ?? '')) {
    faults.push(`${query.name} has no ${by.dimension} ${query.dimensions[by.dimension]}`);
  }
  if (!statistics[kind].test(query.statistic)) faults.push(`${query.statistic} says nothing of ${query.name}`);
  if (query.unit !== undefined && query.unit !== unit) faults.push(`${query.name} is in ${unit}`);
  return faults;
};

const checkAws = (query: MetricQuery, known: AwsNamespace, { resources }: MetricWorld): string[] => {
  const kind = Object.hasOwn(known.metrics, query.name) ? known.metrics[query.name] : undefined;
  if (kind === undefined) return [`${query.namespace} has no ${query.name}`];
  const { [known.dimension]: value = '', ...others } = query.dimensions;
  const { dimension: part = '', suffix = '' } = known.part ?? {};
  const isPlain = Object.keys(others).length === 0;
  if (!isPlain && JSON.stringify(others) !== JSON.stringify({ [part]: `${value}${suffix}` })) {
    return [`${query.namespace} ${query.name} has the dimension ${known.dimension}`];
  }
  const isThere = resources[known.id.exec(value)?.[1] ?? '']?.Type === known.type;
  return [
    ...(isThere ? [] : [`${value} is no ${known.type}`]),
    ...(statistics[kind].test(query.statistic) ? [] : [`${query.statistic} says nothing of ${query.name}`]),
  ];
};

/** What is wrong with asking for a metric; nothing where the service or AWS emits it, with these dimensions and in this unit. */
export const findMetricFaults = (query: MetricQuery, world: MetricWorld): string[] => {
  const wholeMinutes = query.period > 0 && query.period % 60 === 0 ? [] : [`a period of ${query.period} s`];
  if (query.namespace === metricNamespace) return [...wholeMinutes, ...checkOwn(query, world)];
  const known = Object.hasOwn(awsNamespaces, query.namespace) ? awsNamespaces[query.namespace] : undefined;
  if (known === undefined) return [`nobody emits ${query.namespace}`];
  return [...wholeMinutes, ...checkAws(query, known, world)];
};

/** What a template's alarms and dashboards ask for. */
export const findQueries = (
  resources: Resources,
  parameters: Readonly<Record<string, unknown>> = {},
): readonly MetricQuery[] => [
  ...findAlarms(resources, parameters).flatMap(({ queries }) => Object.values(queries)),
  ...findDashboardMetrics(resources, parameters),
];

/**
 * What is wrong with the metrics that a template's alarms and dashboards ask for.
 *
 * @param parameters with which it is resolved; a packaged one needs none
 */
export const findTemplateFaults = (world: MetricWorld, parameters: Readonly<Record<string, unknown>> = {}): string[] =>
  findQueries(world.resources, parameters).flatMap((query) => findMetricFaults(query, world));
