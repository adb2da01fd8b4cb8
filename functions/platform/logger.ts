import type { Clock } from './clock.ts';
import { type LogEvent, type LogFields, type LogValue, logEvents } from './log-events.ts';
import { ServiceError } from './service-error.ts';
import { writeMetrics } from './write-metrics.ts';

/** Writes coded events. Never throws. */
export interface Logger {
  /** Writes one event with the fields that its definition allows; anything else is left out. */
  log<Event extends LogEvent>(event: Event, fields: LogFields<Event>): void;
}

const longestText = 512;

/**
 * JSON in ASCII alone. `JSON.stringify` leaves U+2028, U+009B, U+202E and the like as they are; a log viewer may act on them.
 */
export const escapeNonAscii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const bounded = (value: LogValue): LogValue =>
  typeof value === 'string' && value.length > longestText ? `${value.slice(0, longestText)}...` : value;

/** What every line of an event says after its time, by the event; written when it is first logged. */
const constantParts = new Map<LogEvent, string>();

const constantPart = (event: LogEvent): string => {
  const known = constantParts.get(event);
  if (known !== undefined) return known;
  const { level, message } = logEvents[event];
  const part = JSON.stringify({ level, event, message }).slice(1, -1);
  constantParts.set(event, part);
  return part;
};

/**
 * A logger of one JSON object a line: `time` (ISO 8601, UTC), `level`, `event`, `message`, then the event's own fields.
 * All non-ASCII characters are escaped and texts are cut at 512 characters.
 *
 * @param write takes one line without its line break; stdout in Lambda.
 * @param stage whose metrics the lines carry (`write-metrics.ts`), after the event's own fields. Without, they carry none.
 */
export const createLogger = (clock: Clock, write: (line: string) => void, stage?: string): Logger => ({
  log(event, fields) {
    const now = clock.now();
    const told: Record<string, LogValue> = {};
    let line = `{"time":"${new Date(now).toISOString()}",${constantPart(event)}`;
    for (const name of logEvents[event].fields) {
      const value = bounded((fields as Record<string, LogValue>)[name]);
      if (value === undefined) continue;
      told[name] = value;
      line += `,"${name}":${JSON.stringify(value)}`;
    }
    if (stage !== undefined) line += writeMetrics(event, told, stage, now);
    write(escapeNonAscii(`${line}}`));
  },
});

/** What may be told of an error. */
export interface ErrorDescription {
  readonly errorName: string;
  /** The first frame of its stack. */
  readonly frame?: string;
  /** The fixed word of an error of the service: which check or which dependency. */
  readonly reason?: string;
}

/** What may be told of any error: its class and where it was thrown, never its message. */
export const describeError = (error: unknown): ErrorDescription => {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const { name: errorName, message, stack = '' } = error;
  // A message can look like a frame: only what comes after it is looked at.
  const frames = stack.slice(Math.max(stack.indexOf(message), 0) + message.length);
  const frame = /\n {4}at ([^\n]{1,200})/.exec(frames)?.[1];
  const reason = error instanceof ServiceError ? error.details.reason : undefined;
  return { errorName, ...(frame === undefined ? {} : { frame }), ...(reason === undefined ? {} : { reason }) };
};
