import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImporterHandler } from '../../functions/importer/create-importer-handler.ts';
import { beginImport } from '../../functions/imports/begin-import.ts';
import type { Import } from '../../functions/imports/import.ts';
import { writeImportMessage } from '../../functions/imports/import-message.ts';
import { cancelImport } from '../../functions/imports/import-transitions.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { episodeFile, type ImportBench, startImportBench, yesterdays } from '../support/import-bench.ts';
import { sampleImportId } from '../support/sample-import.ts';
import { demoTenant } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';

let bench: ImportBench;
beforeEach(async () => {
  bench = await startImportBench({ files: [episodeFile(1, 3)], polls: 3 });
  bench.putYesterdays();
});
afterEach(() => bench.server.stop());

const context = { getRemainingTimeInMillis: () => 300_000 };
const deliver = (...bodies: string[]) =>
  createImporterHandler(bench.dependencies)(
    { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) },
    context,
  );
const tick = () => createImporterHandler(bench.dependencies)({}, context);
const unavailable = async () => {
  throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'test' });
};

describe('a message', () => {
  test('that is none goes back, and keeps no other from being worked on', async () => {
    const begun = await bench.begin();
    const message = writeImportMessage({ tenantId: demoTenant, importId: begun.import.importId });
    expect(await deliver('nonsense', message)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(bench.log.of('MESSAGE_UNUSABLE')).toEqual([{ messageId: 'm0', reason: 'not-an-import' }]);
    expect((await bench.imports.read(demoTenant))?.state).toBe('POLLING');
  });

  test('that comes again, late, or for another import does nothing', async () => {
    const { import: one } = await bench.begin();
    const message = writeImportMessage({ tenantId: demoTenant, importId: one.importId });
    const other = writeImportMessage({ tenantId: demoTenant, importId: sampleImportId });
    await deliver(message, message, other);
    expect(bench.log.of('IMPORT_CLAIMED')).toHaveLength(1);
    expect(bench.log.of('IMPORT_NOT_CLAIMED')).toHaveLength(2);
    expect(bench.server.requests.filter((request) => request.endsWith('$export'))).toHaveLength(1);
  });

  test('goes back when the import could not be looked at', async () => {
    const imports = { ...bench.imports, read: unavailable };
    bench.dependencies = { ...bench.dependencies, imports };
    const message = writeImportMessage({ tenantId: demoTenant, importId: sampleImportId });
    expect(await deliver(message)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(bench.log.of('MESSAGE_NOT_PROCESSED')).toMatchObject([{ tenant: 'demo', reason: 'test' }]);
  });
});

describe('a tick', () => {
  test('queues what is due, and tells what it did', async () => {
    await bench.begin();
    expect(await tick()).toBeUndefined();
    expect(bench.log.of('IMPORT_TICK_COMPLETED')).toMatchObject([{ due: 1, queued: 1, ended: 0, failed: 0 }]);
  });

  test('ends an import that is over its time, whoever has it', async () => {
    const { import: one } = await bench.begin();
    bench.imports.put({ ...one, lease: { token: 'a', until: one.deadline + 1 }, due: one.deadline });
    bench.clock.advance(one.deadline - bench.clock.now());
    await tick();
    expect(await bench.imports.read(demoTenant)).toMatchObject({
      state: 'FAILED',
      failure: { code: 'DEADLINE_PASSED' },
    });
    expect(bench.log.of('IMPORT_FAILED')).toMatchObject([{ dataCutOff: yesterdays.transactionTime }]);
  });

  test('leaves an import alone whose last attempt is under way, and ends it when nobody has it any more', async () => {
    const { import: one } = await bench.begin();
    const { maxAttempts } = bench.dependencies.rules;
    const until = bench.clock.now() + 120_000;
    // Due: the index lags behind.
    bench.imports.put({ ...one, attempts: maxAttempts, lease: { token: 'a', until }, due: bench.clock.now() });
    await tick();
    expect((await bench.imports.read(demoTenant))?.state).toBe('KICK_OFF');
    bench.clock.advance(120_000);
    await tick();
    expect(await bench.imports.read(demoTenant)).toMatchObject({
      state: 'FAILED',
      failure: { code: 'ATTEMPTS_EXHAUSTED' },
    });
  });

  test('so it does while the last attempt to tidy up is under way', async () => {
    const { import: one } = await bench.begin();
    const until = bench.clock.now() + 120_000;
    bench.imports.put({ ...one, state: 'DONE', attempts: 4, lease: { token: 'a', until }, due: bench.clock.now() });
    await tick();
    expect((await bench.imports.read(demoTenant))?.due).toBe(bench.clock.now());
    bench.clock.advance(120_000);
    await tick();
    const quarter = 15 * 60_000;
    expect(await bench.imports.read(demoTenant)).toMatchObject({ tidied: true, due: bench.clock.now() + quarter });
    expect(bench.log.of('IMPORT_NOT_TIDIED')).toMatchObject([{ errorCode: 'ATTEMPTS_EXHAUSTED' }]);
  });

  test('goes on with the others when one cannot be queued', async () => {
    await bench.begin();
    bench.dependencies = { ...bench.dependencies, queue: { send: unavailable } };
    await tick();
    expect(bench.log.of('IMPORT_NOT_QUEUED')).toMatchObject([{ tenant: 'demo', reason: 'test' }]);
    expect(bench.log.of('IMPORT_TICK_COMPLETED')).toMatchObject([{ failed: 1 }]);
  });

  test('fails as a whole when it cannot look', async () => {
    bench.dependencies = { ...bench.dependencies, index: { findDue: unavailable } };
    await expect(tick()).rejects.toThrow(ServiceError);
  });
});

describe('beginning an import', () => {
  test('is for tenants that are enabled, here, and have somewhere to import from', async () => {
    const dependencies = { ...bench.dependencies, rules: { deadline: 1000 } };
    const import_ = bench.tenant.import;
    for (const tenant of [
      sampleTenant(),
      sampleTenant({ enabled: false, import: import_ }),
      sampleTenant({ elsewhere: true, import: import_ }),
    ]) {
      await expect(beginImport(dependencies, tenant)).rejects.toMatchObject({ code: 'TENANT_NOT_IMPORTING' });
    }
  });

  test('waits until the one before is over and tidied up', async () => {
    const first = await bench.begin();
    expect(await bench.begin()).toEqual({ kind: 'busy', import: first.import });
    expect((await bench.run()).state).toBe('DONE');
    const second = await bench.begin();
    expect(second).toMatchObject({
      kind: 'begun',
      import: { previous: [{ importId: first.import.importId, state: 'DONE' }] },
    });
  });
});

test('an import that is called off stops where it is, has the export removed, and leaves the data set in use', async () => {
  await bench.begin();
  await bench.step();
  const held = (await bench.imports.read(demoTenant)) as Import;
  await bench.imports.replace(demoTenant, held, cancelImport(held, bench.clock.now()));
  await bench.step();
  const over = await bench.imports.read(demoTenant);
  expect(over).toMatchObject({ state: 'CANCELLED', tidied: true });
  expect(bench.server.requests.at(-1)).toBe('DELETE /fhir/$export-poll-status');
  expect(bench.read()).toEqual(yesterdays);
});

test('a tenant that was disabled in between imports no more', async () => {
  await bench.begin();
  const tenants = registryOf({ ...bench.tenant, enabled: false });
  bench.dependencies = { ...bench.dependencies, tenants };
  await bench.step();
  expect(await bench.imports.read(demoTenant)).toMatchObject({
    state: 'FAILED',
    failure: { code: 'TENANT_NOT_IMPORTING' },
  });
});

test('what AWS refuses uses no attempts up: it goes on when an operator has mended it', async () => {
  await bench.begin();
  const { secrets } = bench.dependencies;
  const refused = async () => {
    throw new ServiceError('DEPENDENCY_REFUSED', { reason: 'secret-store AccessDenied' });
  };
  bench.dependencies = { ...bench.dependencies, secrets: { read: refused } };
  for (let count = 0; count < 10; count++) {
    await bench.step();
    bench.clock.advance(600_000);
  }
  expect(bench.log.of('DEPENDENCY_REFUSED')).toHaveLength(10);
  bench.dependencies = { ...bench.dependencies, secrets };
  for (let count = 0; count < 8; count++) {
    await bench.step();
    bench.clock.advance(60_000);
  }
  expect(await bench.imports.read(demoTenant)).toMatchObject({ state: 'DONE' });
});
