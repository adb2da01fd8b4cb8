import { afterEach, expect, test } from 'vitest';
import { cancelImport } from '../../functions/imports/import-transitions.ts';
import type { ExportServerOptions } from '../../local/export-server.ts';
import { always, status } from '../support/export-faults.ts';
import { episodeFile, type ImportBench, startImportBench, yesterdays } from '../support/import-bench.ts';
import { demoTenant } from '../support/sample-job.ts';
import { registryOf } from '../support/sample-tenant.ts';

const minute = 60_000;
let bench: ImportBench;
const start = async (exported: Partial<ExportServerOptions> = {}) => {
  const files = [episodeFile(1, 5), episodeFile(6, 5)];
  bench = await startImportBench({ files, polls: 0, ...exported });
  bench.putYesterdays();
};
afterEach(() => bench.server.stop());

const held = async () => {
  const one = await bench.imports.read(demoTenant);
  if (one === undefined) throw new Error('no import');
  return one;
};
const callOff = async () => {
  const one = await held();
  await bench.imports.replace(demoTenant, one, cancelImport(one, bench.clock.now()));
};
const disconnect = () => {
  bench.dependencies = { ...bench.dependencies, tenants: registryOf({ ...bench.tenant, import: undefined }) };
};
/** Names of what the import has stored. */
const stored = async () => {
  const { importId } = await held();
  return [...bench.files.stored.keys()].filter((key) => key.includes(importId));
};

test('an export that was ordered while its import was called off is removed from the server', async () => {
  await start();
  bench.server.intercept = async (path) => {
    if (path.endsWith('/$export')) await callOff();
    return false;
  };
  expect((await bench.run()).state).toBe('CANCELLED');
  const { requests } = bench.server;
  expect(requests.filter((one) => one.startsWith('DELETE'))).toEqual(['DELETE /fhir/$export-poll-status']);
});

test('an import that is called off while its manifest is written is done, as its data set is in use', async () => {
  await start();
  const { files } = bench.dependencies;
  const publish: typeof files.publish = async (...call) => {
    await callOff();
    return files.publish(...call);
  };
  bench.dependencies = { ...bench.dependencies, files: { ...files, publish } };
  expect((await bench.run()).state).toBe('DONE');
  expect(bench.read()?.transactionTime).not.toBe(yesterdays.transactionTime);
  expect(bench.log.of('IMPORT_DONE')).toMatchObject([{ episodes: 10 }]);
  expect((await stored()).length).toBe(2);
});

test('one importer tidies up: who is done keeps the import until that is over', async () => {
  await start();
  const { files } = bench.dependencies;
  let others = 0;
  const removeImport: typeof files.removeImport = async (...call) => {
    if (others++ === 0) await bench.step();
    return files.removeImport(...call);
  };
  bench.dependencies = { ...bench.dependencies, files: { ...files, removeImport } };
  expect((await bench.run()).state).toBe('DONE');
  expect(bench.log.of('IMPORT_CLAIMED').map(({ state }) => state)).toEqual(['KICK_OFF', 'POLLING']);
  expect(bench.log.of('IMPORT_LOST')).toEqual([]);
});

test('an importer that is killed while it tidies up is followed by another when its lease has run out', async () => {
  await start();
  const { files } = bench.dependencies;
  const removeImport = () => Promise.reject(new Error('killed'));
  const replace: typeof bench.imports.replace = async (tenant, seen, next) =>
    seen.state === 'DONE' && seen.attempts === 0
      ? Promise.reject(new Error('killed'))
      : bench.imports.replace(tenant, seen, next);
  bench.dependencies = {
    ...bench.dependencies,
    files: { ...files, removeImport },
    imports: { ...bench.imports, replace },
  };
  await bench.begin();
  await bench.step();
  bench.clock.advance(1_000);
  await bench.step();
  expect(await held()).toMatchObject({ state: 'DONE', lease: expect.anything() });
  bench.dependencies = { ...bench.dependencies, files, imports: bench.imports };
  bench.clock.advance(((await held()).due ?? 0) - bench.clock.now());
  await bench.step();
  expect((await held()).due).toBeUndefined();
});

test('a tenant that lost its server: nothing is left of an import that was under way, once nobody can be at it', async () => {
  await start();
  bench.server.intercept = always(/files\/1$/, status(503));
  await bench.begin();
  await bench.step();
  bench.clock.advance(1_000);
  await bench.step();
  expect((await stored()).length).toBe(2);
  disconnect();
  bench.clock.advance(minute);
  await bench.step();
  await bench.step();
  expect(await held()).toMatchObject({ state: 'FAILED', failure: { code: 'TENANT_NOT_IMPORTING' } });
  const { ended = 0 } = await held();
  bench.clock.advance(ended + 15 * minute - 1 - bench.clock.now());
  await bench.step();
  expect(await stored()).toEqual([expect.stringMatching(/\.ndjson\.gz$/)]);
  bench.clock.advance(1);
  await bench.step();
  expect(await stored()).toEqual([]);
  expect((await held()).due).toBeUndefined();
  expect(bench.log.of('IMPORT_NOT_TIDIED')).toMatchObject([{ errorCode: 'TENANT_NOT_IMPORTING' }]);
  expect(bench.read()).toEqual(yesterdays);
});

test('a tenant that lost its server keeps the data set that was just fetched', async () => {
  await start();
  await bench.begin();
  await bench.step();
  bench.clock.advance(1_000);
  bench.dependencies = {
    ...bench.dependencies,
    files: { ...bench.files, removeImport: () => Promise.reject(new Error('killed')) },
  };
  await bench.step();
  expect(await held()).toMatchObject({ state: 'DONE' });
  disconnect();
  bench.dependencies = { ...bench.dependencies, files: bench.files };
  for (let ticks = 0; ticks < 3; ticks++) {
    bench.clock.advance(15 * minute);
    await bench.step();
  }
  expect((await held()).due).toBeUndefined();
  expect((await stored()).map((key) => key.split('/').at(-1)).sort()).toEqual([
    expect.stringMatching(/\.ndjson\.gz$/),
    'manifest.json',
  ]);
});
