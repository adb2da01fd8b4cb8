import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { cancelImport, claimImport, failImport, markTidy } from '../../functions/imports/import-transitions.ts';
import { planNightlyImport } from '../../functions/imports/nightly-import.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { episodeFile, type ImportBench, startImportBench } from '../support/import-bench.ts';
import { demoTenant } from '../support/sample-job.ts';
import { registryOf } from '../support/sample-tenant.ts';

const minute = 60_000;
const hour = 60 * minute;
let bench: ImportBench;
let tenant: Tenant;

const goTo = (time: number): void => bench.clock.advance(time - bench.clock.now());
const plan = () => planNightlyImport(bench.clock.now(), tenant);
const held = () => bench.imports.read(demoTenant);
const begun = () => bench.log.of('IMPORT_BEGUN').length;
const beNightly = (own: Partial<Tenant> = {}): void => {
  const source = { ...bench.tenant.import, nightly: true } as Tenant['import'];
  tenant = { ...bench.tenant, import: source, ...own };
  bench.dependencies = { ...bench.dependencies, tenants: registryOf(tenant) };
};

beforeEach(async () => {
  bench = await startImportBench({ files: [episodeFile(1, 3)] });
  beNightly();
});
afterEach(() => bench.server.stop());

describe('every night', () => {
  test('the tick of its time begins an import, which ends in a new data set without anybody', async () => {
    goTo(plan().at - 1);
    await bench.step();
    expect(await held()).toBeUndefined();
    bench.clock.advance(1);
    for (let ticks = 0; ticks < 10; ticks += 1) {
      await bench.step();
      bench.clock.advance(minute);
    }
    expect(await held()).toMatchObject({ state: 'DONE', nightly: true });
    expect(bench.read()?.text.split('\n').length).toBe(4);
    expect(bench.log.of('IMPORT_TICK_COMPLETED').map((fields) => fields['begun'])).toEqual([0, 1, ...Array(9).fill(0)]);
  });

  test('there is one, however many ticks and however it ends, and one more in the next night', async () => {
    goTo(plan().at);
    await Promise.all([bench.step(), bench.step(), bench.step()]);
    expect(begun()).toBe(1);
    const first = await held();
    if (first === undefined) throw new Error('no import');
    await bench.imports.replace(demoTenant, first, markTidy(cancelImport(first, bench.clock.now())));
    bench.clock.advance(hour);
    await bench.step();
    expect(begun()).toBe(1);
    bench.clock.advance(23 * hour);
    await bench.step();
    expect(begun()).toBe(2);
    expect((await held())?.previous).toMatchObject([{ importId: first.importId, state: 'CANCELLED' }]);
  });

  test("an operator's import of that evening is the night's", async () => {
    goTo(plan().opens);
    expect(await bench.run()).not.toHaveProperty('nightly');
    goTo(plan().at);
    await bench.step();
    expect(begun()).toBe(0);
  });

  test('one that is under way from before is waited for, and then the night has its own', async () => {
    goTo(plan().opens - 1);
    await bench.begin();
    const before = await held();
    if (before === undefined) throw new Error('no import');
    const lease = { token: 'somebody', until: bench.clock.now() + 5 * hour };
    const taken = await bench.imports.replace(demoTenant, before, claimImport(before, lease));
    goTo(plan().at);
    await bench.step();
    expect(begun()).toBe(0);
    const { import: working } = taken;
    if (working === undefined) throw new Error('no import');
    await bench.imports.replace(demoTenant, working, markTidy(cancelImport(working, bench.clock.now())));
    await bench.step();
    expect(begun()).toBe(1);
  });

  test('a tick that comes late makes up for it until the window ends, and not after', async () => {
    const { closes } = plan();
    goTo(closes);
    await bench.step();
    expect(begun()).toBe(0);
    goTo(plan().closes - 1);
    await bench.step();
    expect(begun()).toBe(1);
  });

  test.each<[string, Partial<Tenant>]>([
    ['is disabled', { enabled: false }],
    ['is served elsewhere', { elsewhere: true }],
    ['has no server', { import: undefined }],
  ])('nothing is begun for a tenant that %s', async (_what, own) => {
    beNightly(own);
    goTo(plan().at);
    await bench.step();
    expect(begun()).toBe(0);
  });

  test('nothing is begun for a tenant that wants none', async () => {
    bench.dependencies = { ...bench.dependencies, tenants: registryOf(bench.tenant) };
    goTo(plan().at);
    await bench.step();
    expect(begun()).toBe(0);
  });

  test('a fault of the store is told, and the next tick tries again', async () => {
    const { imports } = bench.dependencies;
    goTo(plan().at);
    const begin = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'import-store' }));
    bench.dependencies = { ...bench.dependencies, imports: { ...imports, begin } };
    await bench.step();
    expect(bench.log.of('IMPORT_NOT_BEGUN')).toMatchObject([{ tenant: demoTenant, reason: 'import-store' }]);
    bench.dependencies = { ...bench.dependencies, imports };
    await bench.step();
    expect(begun()).toBe(1);
  });

  test('tenants that cannot be read keep no import under way from being looked after', async () => {
    await bench.begin();
    const all = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'tenant-registry' }));
    bench.dependencies = { ...bench.dependencies, tenants: { ...bench.dependencies.tenants, all } };
    await bench.step();
    expect(bench.log.of('IMPORT_NOT_BEGUN')).toMatchObject([{ reason: 'tenant-registry' }]);
    expect(bench.log.of('IMPORT_TICK_COMPLETED')).toMatchObject([{ due: 1, queued: 1 }]);
  });
});

describe('how old the data set is', () => {
  const quarter = async (): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const before = bench.log.of('DATA_SET_DATED').length;
    for (let ticks = 0; ticks < 15; ticks += 1) {
      await bench.step();
      bench.clock.advance(minute);
    }
    return bench.log.of('DATA_SET_DATED').slice(before);
  };

  test('is told once in a quarter of an hour, in seconds since its cut-off', async () => {
    bench.putYesterdays();
    const [first, ...more] = await quarter();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ tenant: demoTenant, dataCutOff: '2026-04-15T01:00:00.000Z' });
    const [second] = await quarter();
    expect(Number(second?.['ageSeconds']) - Number(first?.['ageSeconds'])).toBe(900);
  });

  test('is not known where there is none: that is told instead, from the first failure to the first success', async () => {
    const missing = () => bench.log.of('DATA_SET_NEVER_FETCHED');
    await quarter();
    expect(missing()).toEqual([]);
    const { import: begun } = await bench.begin();
    const problem = { code: 'SIGN_IN_REFUSED', cause: 'The client is not known.' } as const;
    await bench.imports.replace(demoTenant, begun, markTidy(failImport(begun, problem, bench.clock.now())));
    await quarter();
    await quarter();
    const failed = { tenant: demoTenant, importId: begun.importId, errorCode: 'SIGN_IN_REFUSED' };
    expect(missing()).toMatchObject([failed, failed]);
    bench.putYesterdays();
    expect(await quarter()).toHaveLength(1);
    expect(missing()).toHaveLength(2);
  });

  test('is not known either where the latest import was called off, or the night came and none could be begun', async () => {
    const missing = () => bench.log.of('DATA_SET_NEVER_FETCHED');
    const { imports } = bench.dependencies;
    const begin = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'import-store' }));
    goTo(plan().at - 16 * minute);
    await quarter();
    expect(missing()).toEqual([]);
    goTo(plan().at);
    bench.dependencies = { ...bench.dependencies, imports: { ...imports, begin } };
    await quarter();
    expect(missing()).toEqual([{ tenant: demoTenant, importId: undefined, state: undefined, errorCode: undefined }]);
    bench.dependencies = { ...bench.dependencies, imports, queue: { send: async () => {} } };
    await quarter();
    expect(missing()).toHaveLength(1);
    const open = await held();
    if (open === undefined) throw new Error('no import');
    await bench.imports.replace(demoTenant, open, markTidy(cancelImport(open, bench.clock.now())));
    await quarter();
    expect(missing().slice(1)).toMatchObject([{ importId: open.importId, state: 'CANCELLED' }]);
  });

  test('is none where the cut-off is to come: that is told instead, as no import is made current until then', async () => {
    bench.putYesterdays();
    const manifest = JSON.parse(String(bench.files.stored.get('demo/manifest.json'))) as object;
    const cutOffAt = (transactionTime: string) =>
      bench.files.stored.set('demo/manifest.json', Buffer.from(JSON.stringify({ ...manifest, transactionTime })));
    const in61Minutes = new Date(bench.clock.now() + 76 * minute).toISOString();
    cutOffAt(in61Minutes);
    expect(await quarter()).toEqual([]);
    expect(bench.log.of('DATA_SET_AHEAD')).toMatchObject([{ tenant: demoTenant, dataCutOff: in61Minutes }]);
    expect(await quarter()).toMatchObject([{ ageSeconds: 0 }]);
    cutOffAt('2026-04-15T23:59:60Z');
    expect(await quarter()).toMatchObject([{ ageSeconds: expect.any(Number) }]);
    expect(bench.log.of('DATA_SET_AHEAD')).toHaveLength(1);
  });

  test('is not told where there is none, nor of a tenant whose data sets are not fetched nightly', async () => {
    expect(await quarter()).toEqual([]);
    bench.putYesterdays();
    bench.dependencies = { ...bench.dependencies, tenants: registryOf(bench.tenant) };
    expect(await quarter()).toEqual([]);
  });

  test('where it cannot be found out, that is told, and the tick goes on', async () => {
    const readManifest = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 's3' }));
    bench.dependencies = { ...bench.dependencies, files: { ...bench.files, readManifest } };
    expect(await quarter()).toEqual([]);
    expect(bench.log.of('DATA_SET_NOT_DATED')).toMatchObject([{ tenant: demoTenant, reason: 's3' }]);
    expect(bench.log.of('IMPORT_TICK_COMPLETED')).toHaveLength(15);
  });
});
