import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addToPace, expectEnd, isFresh, type ReportPace } from '../../functions/jobs/report-pace.ts';
import { sampleTime } from '../support/sample-job.ts';

const minute = 60_000;
const ordered = { mode: 'execute', created: sampleTime, started: sampleTime + 2000 } as const;

describe('addToPace', () => {
  test('the first report is the pace', () => {
    const ended = sampleTime + 10_000;
    expect(addToPace(undefined, ordered, ended)).toEqual({ generating: 8000, waiting: 2000, measured: ended });
  });
  test('later ones move it by three tenths of the difference', () => {
    const before: ReportPace = { generating: 18_000, waiting: 12_000, measured: sampleTime };
    const ended = sampleTime + 10_000;
    expect(addToPace(before, ordered, ended)).toEqual({ generating: 15_000, waiting: 9000, measured: ended });
  });
  test('what was known of the queue is forgotten after ten minutes, how long reports take is not', () => {
    const before: ReportPace = { generating: 8000, waiting: 500_000, measured: sampleTime - 10 * minute };
    expect(addToPace(before, ordered, sampleTime + 10_000)).toMatchObject({ generating: 8000, waiting: 2000 });
  });
  test('a scheduled report, which waited for its night, says nothing of the queue', () => {
    const scheduled = { mode: 'schedule', created: sampleTime - 600 * minute, started: sampleTime } as const;
    const before: ReportPace = { generating: 5000, waiting: 3000, measured: sampleTime };
    expect(addToPace(before, scheduled, sampleTime + 5000)).toMatchObject({ generating: 5000, waiting: 3000 });
    expect(addToPace(undefined, scheduled, sampleTime + 5000)).toMatchObject({ generating: 5000, waiting: 0 });
  });
  test('the pace stays between the shortest and the longest report, whatever the clocks say', () => {
    const durations = fc.array(fc.integer({ min: -1000, max: 900_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(durations, (takes) => {
        let pace: ReportPace | undefined;
        for (const take of takes) pace = addToPace(pace, { ...ordered, started: sampleTime }, sampleTime + take);
        const bounds = takes.map((take) => Math.max(take, 0));
        expect(pace?.generating).toBeGreaterThanOrEqual(Math.min(...bounds) - 1);
        expect(pace?.generating).toBeLessThanOrEqual(Math.max(...bounds) + 1);
      }),
    );
  });
});

describe('expectEnd', () => {
  const pace: ReportPace = { generating: 8000, waiting: 3000, measured: sampleTime };
  test('of a job that waits is its order, the wait of others and their work', () => {
    expect(expectEnd({ created: sampleTime }, pace, sampleTime + 1000)).toBe(sampleTime + 11_000);
  });
  test('of a job that was reopened counts from then, not from its order', () => {
    const created = sampleTime - 600 * minute;
    expect(expectEnd({ created, reopened: sampleTime }, pace, sampleTime + 1000)).toBe(sampleTime + 11_000);
  });
  test('leaves the wait out when nothing was taken from the queue for ten minutes', () => {
    const later = sampleTime + 10 * minute;
    expect(isFresh(pace, later - 1)).toBe(true);
    expect(expectEnd({ created: later }, pace, later)).toBe(later + 8000);
  });
  test('of a job that is worked on counts from when it was taken', () => {
    expect(expectEnd({ created: sampleTime, started: sampleTime + 60_000 }, pace, sampleTime)).toBe(
      sampleTime + 68_000,
    );
  });
});
