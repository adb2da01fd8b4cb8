import type { LogEvent } from './log-events.ts';
import { type MetricDefinition, type MetricUnit, metricNamespace, metrics, stageDimension } from './metrics.ts';

const definitions: readonly (readonly [name: string, definition: MetricDefinition])[] = Object.entries(metrics);

/** The metrics that each event carries. */
const byEvent = new Map<LogEvent, [name: string, definition: MetricDefinition][]>();
for (const [name, definition] of definitions) {
  for (const event of definition.events) byEvent.set(event, [...(byEvent.get(event) ?? []), [name, definition]]);
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: { readonly Name: string; readonly Unit: MetricUnit }[];
}

type Carried = readonly (readonly [name: string, definition: MetricDefinition])[];

/** Metrics with the same dimensions are announced together. */
const announce = (carried: Carried): readonly Directive[] => {
  const directives = new Map<string, Directive>();
  for (const [name, { unit, by }] of carried) {
    const dimensions = by === undefined ? [stageDimension] : [stageDimension, by.dimension];
    const directive = directives.get(dimensions.join()) ?? {
      Namespace: metricNamespace,
      Dimensions: [dimensions],
      Metrics: [],
    };
    directive.Metrics.push({ Name: name, Unit: unit });
    directives.set(dimensions.join(), directive);
  }
  return [...directives.values()];
};

/** How each event's metrics are announced where all of them have a value, as they nearly always do: JSON, by the event. */
const announcedWhole = new Map<LogEvent, string>();

const announceWhole = (event: LogEvent, carried: Carried): string => {
  const known = announcedWhole.get(event) ?? JSON.stringify(announce(carried));
  announcedWhole.set(event, known);
  return known;
};

const readValue = ({ field }: MetricDefinition, fields: Readonly<Record<string, unknown>>): number | undefined => {
  const value = field === undefined ? 1 : fields[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

/**
 * The members that make a line of an event a carrier of its metrics, in CloudWatch's embedded metric format (EMF): `_aws`, the
 * dimensions and the values. Lambda's log group turns them into metrics; nothing is sent.
 *
 * @param fields of the event, as they are logged
 * @param at milliseconds since the epoch
 * @returns JSON, each member with a comma before it; empty for an event without a metric, or whose fields have no value for any
 */
export const writeMetrics = (
  event: LogEvent,
  fields: Readonly<Record<string, unknown>>,
  stage: string,
  at: number,
): string => {
  const possible = byEvent.get(event);
  if (possible === undefined) return '';
  const carried = possible.filter(([, definition]) => readValue(definition, fields) !== undefined);
  if (carried.length === 0) return '';
  const announced =
    carried.length === possible.length ? announceWhole(event, carried) : JSON.stringify(announce(carried));
  let members = `,"_aws":{"Timestamp":${at},"CloudWatchMetrics":${announced}},"${stageDimension}":${JSON.stringify(stage)}`;
  for (const [name, definition] of carried) {
    members += `,"${name}":${readValue(definition, fields)}`;
    const { by } = definition;
    if (by !== undefined) members += `,"${by.dimension}":${JSON.stringify(fields[by.field] ?? 'none')}`;
  }
  return members;
};
