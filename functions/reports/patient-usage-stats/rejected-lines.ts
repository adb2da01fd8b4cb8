import type { Rejection } from '../../episodes/episode-of-care.ts';
import { ServiceError } from '../../platform/service-error.ts';

/** A line that was left out, and why. */
export interface RejectedLine {
  readonly file: string;
  readonly line: number;
  readonly reason: Rejection;
}

/** What the provenance tells of rejected lines. */
export interface RejectedLinesSummary {
  readonly count: number;
  /** How many for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Where they are, the first thousand. */
  readonly lines: readonly RejectedLine[];
}

/** Keeps count of rejected lines. */
export interface RejectedLines {
  /** @throws ServiceError `DATA_SET_MALFORMED` naming file and line, when this is one more than is tolerated. */
  add(rejected: RejectedLine): void;
  summary(): RejectedLinesSummary;
}

const mostListed = 1000;
const mostInCause = 5;

const describe = ({ file, line, reason }: RejectedLine): string => `${file} line ${line}: ${reason}`;

/** @param tolerated lines that may be left out without failing the report (rule 8). */
export const createRejectedLines = (tolerated: number): RejectedLines => {
  const lines: RejectedLine[] = [];
  const reasons = new Map<Rejection, number>();
  let count = 0;
  return {
    add(rejected) {
      count += 1;
      reasons.set(rejected.reason, (reasons.get(rejected.reason) ?? 0) + 1);
      if (lines.length < mostListed) lines.push(rejected);
      if (count <= tolerated) return;
      const where = lines.slice(0, mostInCause).map(describe).join('; ');
      throw new ServiceError('DATA_SET_MALFORMED', {
        cause: `${where}; lines rejected: ${count}, tolerated: ${tolerated}`,
      });
    },
    summary: () => ({ count, reasons: Object.fromEntries(reasons), lines }),
  };
};
