import { expect, test } from 'vitest';
import { parseInstant } from '../../functions/episodes/fhir-date-time.ts';
import { isAhead } from '../../functions/episodes/is-ahead.ts';

test.each([
  ['2026-04-16T12:00:00Z', false],
  ['2026-04-16T12:15:00.000999Z', false],
  ['2026-04-16T14:15:00.001+02:00', true],
  ['2099-01-01T00:00:00Z', true],
])('at noon, a cut-off of %s is to come: %s', (text, expected) => {
  const cutOff = parseInstant(text);
  if (cutOff === undefined) throw new TypeError('not an instant');
  expect(isAhead(cutOff, Date.UTC(2026, 3, 16, 12))).toBe(expected);
});
