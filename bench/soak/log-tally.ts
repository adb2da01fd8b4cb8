import { count } from './ledger.ts';

/** What a process logged, as far as somebody should look at it: how often, by event, code and reason. */
export type LogTally = Map<string, number>;

interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly errorCode?: string;
  readonly reason?: string;
}

/** Counts a line of a function's log if it is a warning or an error. Other lines are passed over. */
export const tallyLine = (tally: LogTally, line: string): void => {
  if (!line.includes('"level":"warn"') && !line.includes('"level":"error"')) return;
  const { event, errorCode = '', reason = '' } = JSON.parse(line) as LogLine;
  count(tally, [event, errorCode, reason].filter((part) => part !== '').join(' '));
};
