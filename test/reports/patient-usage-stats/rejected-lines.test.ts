import { expect, test } from 'vitest';
import { createRejectedLines } from '../../../functions/reports/patient-usage-stats/rejected-lines.ts';
import { serviceError } from '../../support/service-error.ts';

test('rule 8: the first rejected line fails, with file, line, reason and count', () => {
  const rejected = createRejectedLines(0);
  expect(() => rejected.add({ file: 'a.ndjson', line: 17, reason: 'not JSON' })).toThrow(
    serviceError('DATA_SET_MALFORMED', 'a.ndjson line 17: not JSON; lines rejected: 1, tolerated: 0') as Error,
  );
});

test('rule 8: within the tolerance lines are left out and told of', () => {
  const rejected = createRejectedLines(2);
  expect(rejected.summary()).toEqual({ count: 0, reasons: {}, lines: [] });
  rejected.add({ file: 'a', line: 1, reason: 'not JSON' });
  rejected.add({ file: 'b', line: 7, reason: 'unreadable date' });
  expect(rejected.summary()).toEqual({
    count: 2,
    reasons: { 'not JSON': 1, 'unreadable date': 1 },
    lines: [
      { file: 'a', line: 1, reason: 'not JSON' },
      { file: 'b', line: 7, reason: 'unreadable date' },
    ],
  });
  expect(() => rejected.add({ file: 'b', line: 9, reason: 'not JSON' })).toThrow(
    /a line 1: not JSON; b line 7: unreadable date; b line 9: not JSON; lines rejected: 3, tolerated: 2$/,
  );
});

test('the list of lines and the cause are bounded, the count is not', () => {
  const rejected = createRejectedLines(5000);
  for (let line = 1; line <= 5000; line++) rejected.add({ file: 'a', line, reason: 'no patient reference' });
  const { count, reasons, lines } = rejected.summary();
  expect([count, reasons['no patient reference'], lines.length, lines.at(-1)?.line]).toEqual([5000, 5000, 1000, 1000]);
  expect(() => rejected.add({ file: 'a', line: 5001, reason: 'not JSON' })).toThrow(
    /line 5: [^;]*; lines rejected: 5001/,
  );
});
