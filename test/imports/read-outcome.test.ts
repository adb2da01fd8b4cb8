import { expect, test } from 'vitest';
import { describeIssues, readOutcome } from '../../functions/imports/read-outcome.ts';

const outcome = (...issue: readonly object[]) => ({ resourceType: 'OperationOutcome', issue });

test("codes of R4's lists are taken over, and nothing else that a server wrote", () => {
  const read = readOutcome(
    outcome(
      { severity: 'error', code: 'processing', diagnostics: 'patient Nancy', details: { text: 'Nancy' } },
      { severity: 'warning', code: 'nancy-ann-berggren' },
      { severity: 'warning', code: 'success' },
    ),
  );
  expect(read?.issues).toEqual([
    { severity: 'error', code: 'processing' },
    { severity: 'warning', code: 'other' },
    { severity: 'warning', code: 'other' },
  ]);
  expect(read && describeIssues(read)).toBe('error/processing, warning/other');
});

test.each([
  ['with a severity that is none', outcome({ severity: 'patient', code: 'exception' })],
  ['with a code that is no text', outcome({ severity: 'error', code: 7 })],
  ['without an issue', outcome()],
  ['of another type', { resourceType: 'Patient', issue: [{ severity: 'error', code: 'exception' }] }],
])('what is no OperationOutcome is not taken for one: %s', (_what, json) => {
  expect(readOutcome(json)).toBeUndefined();
});

test.each(['transient', 'lock-error', 'no-store', 'timeout', 'incomplete', 'throttled'])(
  'it may pass by itself: %s',
  (code) => {
    expect(readOutcome(outcome({ severity: 'error', code }))?.isTransient).toBe(true);
  },
);

test.each(['exception', 'processing', 'not-found'])('it does not pass by itself: %s', (code) => {
  expect(readOutcome(outcome({ severity: 'error', code }))?.isTransient).toBe(false);
});
