import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createS3DataSetSource } from '../../functions/episodes/s3-dataset.ts';
import { exportCutOff } from '../../local/sample-export.ts';
import { showImport } from '../../local/show-import.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';

describe("a tenant's data set", () => {
  let service: Embedded;
  const log: string[] = [];
  beforeAll(async () => {
    service = await startEmbedded({ writeLog: (line) => void log.push(line) });
  });
  afterAll(() => service.stop());

  test("comes from the tenant's FHIR server, by queue and tick, into what reports are made from", async () => {
    const said: string[] = [];
    await showImport(service, 'demo', (...lines) => void said.push(...lines));
    expect(said.join('\n')).toMatch(
      /POLLING, the server says: 33 % done[\s\S]*DONE, 4 of 4 files read, 4000 episodes stored/,
    );
    const source = createS3DataSetSource(service.clients.s3, service.resources.dataBucket);
    const dataSet = await source.openCurrent(restoreTenantId('demo'), new AbortController().signal);
    expect(dataSet.transactionTime).toBe(exportCutOff);
    expect(log.filter((line) => line.includes('"IMPORT_DONE"'))).toHaveLength(1);
    expect(log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
