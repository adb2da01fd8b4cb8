import { expect, test } from 'vitest';
import { newImport } from '../../functions/imports/import.ts';
import { failImport, markTidy } from '../../functions/imports/import-transitions.ts';
import { describeImport, describeImports } from '../../local/describe-import.ts';
import { sampleImport } from '../support/sample-import.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const plan = { name: 'x', transactionTime: '2026-04-16T09:44:11.000Z', files: 20, warnings: 0 };
const cursor = { file: 3, offset: 0, lines: 0, stretches: [] };
const segment = { name: 'x', bytes: 1, sha256: '', count: 500, plainBytes: 9 };

test('an import is told in one line: where it is, and what keeps it', () => {
  const problem = { code: 'EXPORT_UNAVAILABLE', cause: 'The server answered 503.' } as const;
  const held = sampleImport({ state: 'FILES', plan, cursor, segments: [segment, segment], restarts: 1, problem });
  expect(describeImport(held)).toBe(
    'FILES, 3 of 20 files read, 1000 episodes stored, begun anew 1 times, EXPORT_UNAVAILABLE: The server answered 503.',
  );
  expect(describeImport(sampleImport({ state: 'POLLING', progress: '40 %' }))).toBe('POLLING, the server says: 40 %');
});

test('imports are told the latest first, with those before it', () => {
  const failed = failImport(sampleImport({ plan }), { code: 'TOO_LARGE', cause: 'too much' }, sampleTime + 60_000);
  const ids = { tenantId: demoTenant, importId: 'x', writer: 'w' };
  const latest = newImport(ids, sampleTime + 3_600_000, { deadline: 3_600_000 }, failed);
  expect(describeImports(latest).split('\n')).toEqual([
    'begun 2026-04-16T12:44:11Z, to end by 2026-04-16T13:44:11Z, next step 2026-04-16T12:44:11Z, data cut-off not known yet',
    '  KICK_OFF',
    '',
    'before that: begun, ended, state, data cut-off, reason',
    '  2026-04-16T11:44:11Z  2026-04-16T11:45:11Z  FAILED     2026-04-16T09:44:11.000Z  TOO_LARGE: too much',
  ]);
  expect(describeImports(failed)).toContain('ended 2026-04-16T11:45:11Z, next step 2026-04-16T11:45:11Z,');
  expect(describeImports(markTidy(failed, sampleTime + 960_000))).toContain(
    'ended 2026-04-16T11:45:11Z, what is no longer needed is removed, or looked at again, 2026-04-16T12:00:11Z,',
  );
});
