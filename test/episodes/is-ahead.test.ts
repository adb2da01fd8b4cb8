import { expect, test } from 'vitest';
import { parseInstant } from '../../functions/episodes/fhir-date-time.ts';
import { isAhead, isFarAhead } from '../../functions/episodes/is-ahead.ts';

test.each([
  ['2026-04-16T12:00:00Z', false, false],
  ['2026-04-16T12:15:00.000999Z', false, false],
  ['2026-04-16T14:15:00.001+02:00', true, false],
  ['2026-04-16T13:00:00.000999Z', true, false],
  ['2026-04-16T15:00:00.001+02:00', true, true],
  ['2099-01-01T00:00:00Z', true, true],
])(
  'at noon, a cut-off of %s is not let in: %s; and what was let in with it gives no report: %s',
  (text, ...expected) => {
    const cutOff = parseInstant(text);
    if (cutOff === undefined) throw new TypeError('not an instant');
    const noon = Date.UTC(2026, 3, 16, 12);
    expect([isAhead(cutOff, noon), isFarAhead(cutOff, noon)]).toEqual(expected);
  },
);
