import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import type { DataSetFiles } from '../../functions/imports/data-set-files.ts';
import { createS3DataSetFiles } from '../../functions/imports/s3-data-set-files.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

describe('data sets in S3', () => {
  let stores: Stores;
  let files: DataSetFiles;
  beforeAll(async () => {
    stores = await startStores();
    files = createS3DataSetFiles(stores.s3, stores.ref('DataBucket'));
  });
  afterAll(() => stores.stop());
  const other = restoreTenantId('other');
  const put = (name: string, tenant = demoTenant) => files.put(tenant, name, Buffer.from(name), 'text/plain');

  test('are stored and read by their names, by their own tenant alone', async () => {
    await put('imports/a/plan.json');
    expect(await files.get(demoTenant, 'imports/a/plan.json')).toBe('imports/a/plan.json');
    expect(await files.get(other, 'imports/a/plan.json')).toBeUndefined();
  });

  test('have one manifest that is current', async () => {
    expect(await files.readManifest(demoTenant)).toBeUndefined();
    expect(await files.publish(demoTenant, '{"first":1}', undefined)).toBe(true);
    const seen = await files.readManifest(demoTenant);
    expect(seen?.text).toBe('{"first":1}');
    expect(seen?.modified).toBeGreaterThan(sampleTime);
    expect(await files.publish(demoTenant, '{"second":2}', seen)).toBe(true);
    expect((await files.readManifest(demoTenant))?.text).toBe('{"second":2}');
  });

  test('are listed by import and removed but for what is kept; nothing else is', async () => {
    for (const name of ['imports/b/1', 'imports/b/2', 'imports/b/manifest.json', 'imports/c/1', 'by-hand/1'])
      await put(name);
    await put('imports/b/1', other);
    expect(await files.listImports(demoTenant)).toEqual(['a', 'b', 'c']);
    expect(await files.removeImport(demoTenant, 'b', new Set(['imports/b/2']))).toBe(2);
    expect(await files.get(demoTenant, 'imports/b/2')).toBe('imports/b/2');
    expect(await files.get(demoTenant, 'imports/b/1')).toBeUndefined();
    expect(await files.removeImport(demoTenant, 'c', new Set())).toBe(1);
    expect(await files.listImports(demoTenant)).toEqual(['a', 'b']);
    expect(await files.get(demoTenant, 'by-hand/1')).toBe('by-hand/1');
    expect(await files.get(other, 'imports/b/1')).toBe('imports/b/1');
  });
});
