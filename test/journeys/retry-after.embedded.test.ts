import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDynamoDbReportPaceStore } from '../../functions/jobs/dynamodb-report-pace.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { contractOrder, createFhirClient } from '../support/fhir-client.ts';
import { demoTenant } from '../support/sample-job.ts';

let service: Embedded;
beforeAll(async () => {
  service = await startEmbedded({ writeLog: () => {} });
});
afterAll(() => service.stop());

test("Retry-After of an order follows what the tenant's reports took, which the worker notes with each", async () => {
  const paces = createDynamoDbReportPaceStore(service.clients.documents, service.resources.jobsTable);
  const measured = Date.now();
  await paces.write(demoTenant, 'PatientsUsageReport', { generating: 30_000, waiting: 10_000, measured });
  const owner = await createFhirClient(service);

  const ordered = await owner.call('POST', '$execute-patient-usage-stats', { body: contractOrder });
  expect(ordered.headers.get('retry-after')).toMatch(/^(39|40)$/);

  const noted = () => paces.read(demoTenant, 'PatientsUsageReport');
  await expect.poll(noted, { timeout: 15_000 }).not.toMatchObject({ measured });
  const pace = await noted();
  // Three tenths of the way to the seconds that the sample takes.
  expect(pace?.generating).toBeGreaterThanOrEqual(21_000);
  expect(pace?.generating).toBeLessThan(24_000);
});
