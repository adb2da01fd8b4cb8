import type { LogEvent, LogFields } from '../../functions/platform/log-events.ts';
import type { Logger } from '../../functions/platform/logger.ts';

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
      entries.push({ event, fields: { ...fields } });
    },
    of: (event) => entries.filter((entry) => entry.event === event).map(({ fields }) => fields),
  };
};
