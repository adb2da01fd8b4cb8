import { describe, expect, test } from 'vitest';
import { isOpenImport, isTidy, newImport } from '../../functions/imports/import.ts';
import {
  addSegment,
  askManifestAgain,
  cancelImport,
  claimImport,
  completeImport,
  deadlineProblem,
  failImport,
  firstCursor,
  giveBackImport,
  isClaimable,
  isOverdue,
  markTidy,
  nextAttempt,
  noteProblem,
  noteProgress,
  planFiles,
  putTidyingOff,
  readAgain,
  recordCurrent,
  startAgain,
  startFinishing,
  startPolling,
} from '../../functions/imports/import-transitions.ts';
import { sampleImport, sampleImportId } from '../support/sample-import.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const lease = { token: 'a', until: sampleTime + 120_000 };
const plan = { name: 'x/plan.json', transactionTime: '2026-04-16T09:44:11.000Z', files: 2, digest: 'c1', warnings: 0 };
const segment = { name: 'x/1.ndjson.gz', bytes: 5, sha256: 'a'.repeat(64), count: 2, plainBytes: 10 };
const cursor = { file: 0, offset: 10, lines: 2, stretches: [] };
const held = claimImport(sampleImport(), lease);
const reading = addSegment(planFiles(startPolling(held, 'https://x.dk/1'), plan), segment, cursor);

describe('an import', () => {
  test('goes from the order to the data set, and is then once more due, to tidy up', () => {
    const states = [
      held,
      startPolling(held, 'https://x.dk/1'),
      planFiles(held, plan),
      startFinishing(reading),
      completeImport(startFinishing(reading), sampleTime),
    ].map(({ state }) => state);
    expect(states).toEqual(['KICK_OFF', 'POLLING', 'FILES', 'FINISHING', 'DONE']);
    const done = completeImport(reading, sampleTime + 5);
    expect(done).toMatchObject({ ended: sampleTime + 5, due: lease.until, lease, attempts: 0 });
    expect(completeImport(giveBackImport(reading, 0), sampleTime + 5)).toMatchObject({ due: sampleTime + 5 });
    expect([isOpenImport(done), isTidy(done), isTidy(markTidy(done))]).toEqual([false, false, true]);
    expect(markTidy(done).statusUrl).toBeUndefined();
  });

  test('makes room for the next when it is tidied up, also while it is due for what is to be removed later', () => {
    const later = markTidy(completeImport(reading, sampleTime), sampleTime + 5);
    expect([later.due, later.lease, isTidy(later)]).toEqual([sampleTime + 5, undefined, true]);
    const again = claimImport(later, lease);
    expect([isTidy(again), isTidy(markTidy(again))]).toEqual([false, true]);
    expect(markTidy(again).due).toBeUndefined();
  });

  test('is looked at in a quarter of an hour, and then every day, when tidying up was tried often enough', () => {
    const off = putTidyingOff(claimImport(completeImport(reading, sampleTime), lease), sampleTime);
    expect([off.due, off.attempts, isTidy(off)]).toEqual([sampleTime + 900_000, 0, true]);
    expect(putTidyingOff(claimImport(off, lease), sampleTime).due).toBe(sampleTime + 3_600_000);
  });

  test('is taken when it is due and nobody has it, each time one attempt more', () => {
    expect(isClaimable(sampleImport(), sampleTime)).toBe(true);
    expect(isClaimable(sampleImport(), sampleTime - 1)).toBe(false);
    expect(isClaimable(held, lease.until - 1)).toBe(false);
    expect(isClaimable(held, lease.until)).toBe(true);
    expect(isClaimable(markTidy(sampleImport()), lease.until)).toBe(false);
    expect(held.attempts).toBe(1);
  });

  test('forgets its attempts and its problem whenever it gets on', () => {
    const troubled = noteProblem({ ...held, attempts: 3 }, { code: 'EXPORT_UNAVAILABLE', cause: 'x' });
    for (const next of [
      startPolling(troubled, 'u'),
      noteProgress(troubled, undefined),
      planFiles(troubled, plan),
      addSegment(troubled, segment, cursor),
    ]) {
      expect(next.attempts).toBe(0);
      expect(next.problem).toBeUndefined();
    }
    expect(giveBackImport(troubled, sampleTime)).toMatchObject({
      attempts: 3,
      problem: { code: 'EXPORT_UNAVAILABLE' },
    });
  });

  test('waits for nothing beyond its deadline: then somebody has to end it', () => {
    expect(giveBackImport(held, held.deadline + 1).due).toBe(held.deadline);
    expect(giveBackImport(held, held.deadline - 1).due).toBe(held.deadline - 1);
    expect(claimImport(sampleImport(), { token: 'b', until: held.deadline + 1 }).due).toBe(held.deadline);
    const over = cancelImport(held, held.deadline + 5);
    expect([over.due, giveBackImport(over, held.deadline + 9).due]).toEqual([held.deadline + 5, held.deadline + 9]);
  });

  test('shows the progress that the server told last', () => {
    const told = noteProgress(held, '40 %');
    expect(told.progress).toBe('40 %');
    expect(noteProgress(told, undefined).progress).toBeUndefined();
  });

  test('goes on reading where it was when the links alone are new', () => {
    const again = planFiles(askManifestAgain(reading), { ...plan, name: 'x/plan-2.json' });
    expect(again).toMatchObject({
      state: 'FILES',
      cursor,
      segments: [segment],
      restarts: 0,
      plan: { name: 'x/plan-2.json', storedBefore: 1 },
    });
  });

  test('counts links that ran out only where nothing was stored by them', () => {
    const renew = (one: typeof reading) => planFiles(askManifestAgain(one), plan);
    const renewed = renew(reading);
    expect(renewed.restarts).toBe(0);
    expect(renew(renewed).restarts).toBe(1);
    expect(renew(addSegment(renewed, segment, cursor)).restarts).toBe(0);
    // What was stored is thrown away: once for that, whatever was got on with.
    const other = planFiles(askManifestAgain(reading), { ...plan, digest: 'c2' });
    expect(other).toMatchObject({ restarts: 1, segments: [] });
    expect(renew(addSegment(readAgain(renewed), segment, cursor)).restarts).toBe(1);
  });

  test.each([{ transactionTime: '2026-04-17T00:00:00Z' }, { digest: 'c2' }])(
    'reads from the first file on when the manifest is about another export: %j',
    (own) => {
      expect(planFiles(askManifestAgain(reading), { ...plan, ...own })).toMatchObject({
        cursor: firstCursor,
        segments: [],
      });
    },
  );

  test('reads from the first file on when an older version has noted nothing that tells the files', () => {
    const { digest: _digest, ...old } = plan;
    expect(planFiles({ ...reading, plan: old }, old)).toMatchObject({ cursor: firstCursor, segments: [] });
    expect(planFiles({ ...reading, plan: old }, plan)).toMatchObject({ cursor: firstCursor, segments: [] });
  });

  test('uses nothing of an export that is gone, nor of files that were found to be others', () => {
    const again = startAgain(reading);
    expect(again).toMatchObject({ state: 'KICK_OFF', segments: [], restarts: 1 });
    expect([again.statusUrl, again.plan, again.cursor]).toEqual([undefined, undefined, undefined]);
    expect(readAgain(reading)).toMatchObject({ state: 'FILES', cursor: firstCursor, segments: [], plan, restarts: 1 });
  });

  test('fails with its reason, or is called off, whoever has it', () => {
    const failed = failImport(reading, { code: 'EXPORT_REFUSED', cause: 'no' }, sampleTime);
    expect(failed).toMatchObject({
      state: 'FAILED',
      failure: { code: 'EXPORT_REFUSED', cause: 'no' },
      due: sampleTime,
    });
    expect(failed.lease).toBeUndefined();
    expect(cancelImport(reading, sampleTime)).toMatchObject({ state: 'CANCELLED', ended: sampleTime });
  });

  test('is done, however it ended, when its data set turns out to be in use', () => {
    const failed = failImport(reading, { code: 'DEADLINE_PASSED', cause: 'late' }, sampleTime);
    const current = recordCurrent(failed);
    expect(current).toMatchObject({ state: 'DONE', ended: sampleTime, due: sampleTime });
    expect(current.failure).toBeUndefined();
  });

  test('is over its time at the deadline, and tells where it was', () => {
    const late = noteProblem(held, { code: 'EXPORT_UNAVAILABLE', cause: 'status 503' });
    expect([isOverdue(late, late.deadline - 1), isOverdue(late, late.deadline)]).toEqual([false, true]);
    expect(isOverdue(completeImport(late, sampleTime), late.deadline)).toBe(false);
    expect(deadlineProblem(late).cause).toBe(
      'The import did not end before its deadline; it was at KICK_OFF, where the last problem was EXPORT_UNAVAILABLE: status 503',
    );
    expect(deadlineProblem(held).cause).toBe('The import did not end before its deadline; it was at KICK_OFF');
  });
});

test('a pause is doubled with every attempt, follows the server where that wants a longer one, and ends after ten minutes', () => {
  const pause = (attempts: number, wish?: number) =>
    nextAttempt({ ...held, attempts }, 0, { retryAfter: 15_000 }, wish);
  expect([pause(1), pause(2), pause(3), pause(9)]).toEqual([15_000, 30_000, 60_000, 600_000]);
  expect([pause(1, 40_000), pause(1, 1), pause(1, 86_400_000)]).toEqual([40_000, 15_000, 600_000]);
});

test('a new import keeps in mind the last ten', () => {
  const ids = { tenantId: demoTenant, importId: sampleImportId, writer: 'w' };
  const rules = { deadline: 1000 };
  const first = newImport(ids, sampleTime, rules);
  expect(first).toMatchObject({
    revision: 1,
    state: 'KICK_OFF',
    due: sampleTime,
    deadline: sampleTime + 1000,
    previous: [],
  });
  const failed = failImport({ ...first, plan }, { code: 'TOO_LARGE', cause: 'x' }, sampleTime + 1);
  let next = newImport(ids, sampleTime, rules, failed);
  expect(next.previous).toEqual([
    {
      importId: sampleImportId,
      state: 'FAILED',
      begun: sampleTime,
      ended: sampleTime + 1,
      transactionTime: plan.transactionTime,
      failure: { code: 'TOO_LARGE', cause: 'x' },
    },
  ]);
  for (let count = 0; count < 12; count++) next = newImport(ids, sampleTime, rules, next);
  expect(next.previous).toHaveLength(10);
  expect(next.revision).toBe(14);
});
