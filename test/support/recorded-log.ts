import { type LogEvent, type LogFields, logEvents } from '../../functions/platform/log-events.ts';
import type { Logger } from '../../functions/platform/logger.ts';
import { watch } from './leak-watch.ts';

/** A logger that keeps what it is given. */
export interface RecordedLog extends Logger {
  readonly entries: readonly { readonly event: LogEvent; readonly fields: Readonly<Record<string, unknown>> }[];
  /** The fields of every entry of one event, in order. */
  of(event: LogEvent): readonly Readonly<Record<string, unknown>>[];
}

/** A logger that writes nothing and keeps everything. */
export const createRecordedLog = (): RecordedLog => {
  const entries: { event: LogEvent; fields: Record<string, unknown> }[] = [];
  return {
    entries,
    log: <Event extends LogEvent>(event: Event, fields: LogFields<Event>) => {
      const allowed: readonly string[] = logEvents[event].fields;
      watch(
        'the log',
        Object.entries(fields).filter(([name]) => allowed.includes(name)),
      );
      entries.push({ event, fields: { ...fields } });
    },
    of: (event) => entries.filter((entry) => entry.event === event).map(({ fields }) => fields),
  };
};
