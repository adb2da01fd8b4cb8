import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiEvent } from '../../support/api-event.ts';
import { createContractBench } from '../../support/contract-bench.ts';
import { contractOrder } from '../../support/fhir-client.ts';
import { sampleBinaryId } from '../../support/sample-job.ts';

const statuses = new Set([200, 304, 400, 401, 403, 404, 405, 406, 410, 412, 413, 415, 422]);
const canary = 'planted🍌canary';
const planted = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text + canary);
const mostly = <Value>(usual: readonly Value[], odd: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: odd });

const paths = [
  '$execute-patient-usage-stats',
  '$schedule-patient-usage-stats',
  '$get-report-job-status',
  `Binary/${sampleBinaryId()}`,
  `Binary/${sampleBinaryId()}/_history/1`,
  'metadata',
];
const headerNames = [
  'accept',
  'if-none-match',
  'if-match',
  'idempotency-key',
  'x-request-id',
  'prefer',
  'content-encoding',
];
const parameter = fc.record(
  { name: mostly(['anonymization'], planted), valueString: mostly(['None', 'ANONYMIZED'], planted) },
  { requiredKeys: [] },
);
const bodies = fc.oneof(
  fc.constant(contractOrder),
  fc
    .array(parameter, { maxLength: 3 })
    .map((given) => JSON.stringify({ resourceType: 'Parameters', parameter: given })),
  fc.json(),
  planted,
);
const events: fc.Arbitrary<APIGatewayProxyEventV2> = fc
  .record({
    method: mostly(['GET', 'POST', 'DELETE', 'HEAD', 'PUT'], planted),
    path: mostly(paths, planted),
    token: mostly(['Bearer owner', 'Bearer reader', 'Bearer roleless', 'Bearer patient'], planted),
    type: mostly(['application/fhir+json'], planted),
    headers: fc.dictionary(fc.constantFrom(...headerNames), planted, { maxKeys: 2 }),
    query: mostly(['', '_format=json', '_count=2'], planted),
    body: fc.option(bodies, { nil: undefined }),
    base64: fc.boolean(),
  })
  .map(({ method, path, token, type, headers, query, body, base64 }) => {
    const own = { authorization: token, 'content-type': type, ...headers };
    const event = apiEvent(method, `/fhir/${path}`, { headers: own, query, ...(body === undefined ? {} : { body }) });
    return base64 || body === undefined ? event : { ...event, body, isBase64Encoded: false };
  });

test('every event gets an answer of the contract, which repeats nothing of it, and a 4xx writes nothing', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(events, async (event) => {
      const { api } = createContractBench();
      const { statusCode = 0, headers, body = '' } = await api.send(event);
      seen.add(statusCode);
      expect(statuses).toContain(statusCode);
      expect(`${JSON.stringify(headers)}${body}`).not.toContain(canary);
      expect(JSON.stringify(api.logger.entries)).not.toContain(canary);
      if (statusCode >= 400) {
        if (body !== '') expect(JSON.parse(body)).toMatchObject({ resourceType: 'OperationOutcome' });
        expect([api.jobs.all().length, api.content.objects.size, api.sent.length]).toEqual([0, 0, 0]);
      }
    }),
    { numRuns: 500 },
  );
  expect(seen).toContain(200);
  expect(seen.size).toBeGreaterThan(5);
});
