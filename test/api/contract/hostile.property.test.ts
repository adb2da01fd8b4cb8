import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restoreTenantId } from '../../../functions/auth/tenant.ts';
import {
  contentKey,
  describeStoredVersion,
  placeholder,
  reportContentType,
} from '../../../functions/binaries/binary.ts';
import type { Job } from '../../../functions/jobs/job.ts';
import { describeReservation } from '../../../functions/jobs/reservation.ts';
import { canaries, eventsNearlyGood } from '../../support/arbitrary-events.ts';
import { readBodyText } from '../../support/check-answer.ts';
import { type ContractBench, createContractBench } from '../../support/contract-bench.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from '../../support/sample-job.ts';

// The number of events: HOSTILE_RUNS, 1 000 by default. A failure is replayed by the seed and path that fast-check prints, in
// HOSTILE_SEED and HOSTILE_PATH.
const { HOSTILE_RUNS: numRuns = '1000', HOSTILE_SEED: seed, HOSTILE_PATH: path } = process.env;
const replay = seed === undefined ? {} : { seed: Number(seed), ...(path === undefined ? {} : { path }) };

const statuses = new Set([200, 304, 400, 401, 403, 404, 405, 406, 410, 412, 413, 415, 422]);
const writes = /^(jobs\.(?!read$|findReservation$|listByUser$|reserve$)|content\.put|eraser\.|queue\.|pace\.write)/;
/** A key that is reserved already is asked for by a conditional write, which writes nothing. */
const mayReserve = new Set([410, 422]);

const ids = { done: 'e01', waiting: 'e02', deleted: 'e03', colleagues: 'e04', namesakes: 'e05', never: 'e06' } as const;
const idOf = (name: keyof typeof ids) => sampleBinaryId(ids[name]);
const bytes = Buffer.from('a report');

const place = async ({ api }: ContractBench, name: keyof typeof ids, own: Partial<Job> = {}): Promise<void> => {
  const { versions, ...job } = sampleJob({ binaryId: idOf(name), ...own });
  const [first, second] = [1, 2].map((versionId) => contentKey(job.tenantId, job.binaryId, versionId, job.jobId));
  await api.content.put(job.tenantId, { key: first ?? '', ...placeholder });
  await api.content.put(job.tenantId, { key: second ?? '', contentType: reportContentType, bytes });
  const made = { versionId: 2, contentType: reportContentType, bytes, lastUpdated: sampleTime, writer: 'a' };
  const report = describeStoredVersion(made, second ?? '');
  await api.jobs.place(job.tenantId, { ...job, versions: job.status === 'DONE' ? [...versions, report] : versions });
};

/** A service in which every kind of id stands for something, and the idempotency key `used` for an order. */
const prepare = async (): Promise<ContractBench> => {
  const bench = createContractBench();
  const done = { status: 'DONE' } as const;
  await place(bench, 'done', done);
  await place(bench, 'waiting', { due: sampleTime });
  await place(bench, 'deleted', { ...done, deletedAt: sampleTime });
  await place(bench, 'colleagues', { ...done, userId: 'somebody-else' });
  await place(bench, 'namesakes', { ...done, tenantId: restoreTenantId('other') });
  const keyed = { userId: demoUser, idempotencyKey: 'used', operation: '$execute-patient-usage-stats', parameters: [] };
  await bench.api.jobs.reserve(
    demoTenant,
    describeReservation(keyed, { binaryId: idOf('never'), jobId: 'j' }, sampleTime),
  );
  return bench;
};

const stateOf = ({ api }: ContractBench): string =>
  JSON.stringify([api.jobs.all(), [...api.content.objects.keys()], api.sent, [...api.pace.items]]);

const checkEvent = async (event: APIGatewayProxyEventV2, seen: Map<number, number>): Promise<void> => {
  const bench = await prepare();
  const { api } = bench;
  const before = stateOf(bench);
  const { statusCode = 0, headers = {}, body = '', isBase64Encoded = false } = await api.send(event);
  seen.set(statusCode, (seen.get(statusCode) ?? 0) + 1);
  expect(statuses).toContain(statusCode);
  const text = readBodyText(body, isBase64Encoded, headers['content-encoding']);
  const told = JSON.stringify([headers, text, api.logger.entries, api.audited]);
  for (const canary of canaries) {
    expect(told).not.toContain(canary.slice(0, 9));
  }
  const isFhir = String(headers['content-type'] ?? '').startsWith('application/fhir+json');
  if (isFhir && text !== '') expect(JSON.parse(text)).toHaveProperty('resourceType');
  if (statusCode < 400) return;
  if (text !== '') expect(JSON.parse(text)).toMatchObject({ resourceType: 'OperationOutcome' });
  expect(stateOf(bench)).toBe(before);
  const forbidden = api
    .called()
    .filter((call) => writes.test(call) || (call === 'jobs.reserve' && !mayReserve.has(statusCode)));
  expect(forbidden).toEqual([]);
};

test('H73: every event gets an answer of the contract, which repeats nothing of it, and a 4xx writes nothing', {
  timeout: 3_600_000,
}, async () => {
  const seen = new Map<number, number>();
  const events = eventsNearlyGood(Object.keys(ids).map((name) => idOf(name as keyof typeof ids)));
  await fc.assert(
    fc.asyncProperty(events, (event) => checkEvent(event, seen)),
    { numRuns: Number(numRuns), ...replay },
  );
  // Every status of the contract comes up (one may be missed by chance), so that the events are near enough to good ones.
  if (seed === undefined) expect([...statuses].filter((status) => !seen.has(status)).slice(1)).toEqual([]);
});
