import { describe, expect, test } from 'vitest';
import { createRecentPaces } from '../../../functions/api/recent-paces.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createCallRounds } from '../../support/call-rounds.ts';
import { createTestApi } from '../../support/create-test-api.ts';
import { createInMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { createInMemoryReportPace } from '../../support/in-memory-report-pace.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';

const order = (mode: string, headers: Readonly<Record<string, string>> = {}) =>
  apiEvent('POST', `/fhir/$${mode}-patient-usage-stats`, {
    headers: { authorization: 'Bearer owner', 'content-type': 'application/fhir+json', ...headers },
    body: '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}',
  });

const startApi = () => {
  const calls = createCallRounds();
  const clock = createManualClock();
  const paces = { store: calls.guard(createInMemoryReportPace(), 'pace'), clock, logger: createRecordedLog() };
  const api = createTestApi(undefined, {
    jobs: calls.guard(createInMemoryJobStore(), 'jobs'),
    paces: createRecentPaces(paces),
    queue: calls.guard({ send: async () => {} }, 'queue'),
    audit: calls.guard({ write: async () => {} }, 'audit'),
  });
  return { calls, send: (...given: Parameters<typeof order>) => calls.play(api.send(order(...given))) };
};

describe('what an order waits for', () => {
  test('is three calls one after the other: its place, its record, and then its message and its audit event side by side', async () => {
    const { calls, send } = startApi();
    expect((await send('execute')).statusCode).toBe(200);
    expect(calls.rounds).toEqual([['pace.read', 'jobs.admit'], ['jobs.place'], ['queue.send', 'audit.write']]);
  });
  test('is no pace that was read in the last 10 s', async () => {
    const { calls, send } = startApi();
    await send('execute');
    await send('execute');
    expect(calls.rounds.slice(3)).toEqual([['jobs.admit'], ['jobs.place'], ['queue.send', 'audit.write']]);
  });
  test('is five with an Idempotency-Key: what the key stands for comes first, its reservation between place and record', async () => {
    const { calls, send } = startApi();
    await send('execute', { 'idempotency-key': 'k' });
    expect(calls.rounds).toEqual([
      ['pace.read', 'jobs.findReservation'],
      ['jobs.admit'],
      ['jobs.reserve'],
      ['jobs.place'],
      ['queue.send', 'audit.write'],
    ]);
  });
  test('is neither message nor pace for the night', async () => {
    const { calls, send } = startApi();
    await send('schedule');
    expect(calls.rounds).toEqual([['jobs.admit'], ['jobs.place'], ['audit.write']]);
  });
});
