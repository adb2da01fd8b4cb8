import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createSsmSecretStore } from '../../functions/imports/ssm-secret-store.ts';
import { type ParameterStore, startParameterStore } from '../../local/parameter-store.ts';
import { demoTenant } from '../support/sample-job.ts';

describe('secrets in the Parameter Store', () => {
  let store: ParameterStore;
  let client: SSMClient;
  beforeAll(async () => {
    store = await startParameterStore();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new SSMClient({ endpoint: store.endpoint, region: 'eu-north-1', credentials, maxAttempts: 1 });
    await client.send(
      new PutParameterCommand({ Name: '/test/imports/demo/careplan', Value: 'a word', Type: 'SecureString' }),
    );
  });
  afterAll(async () => {
    client.destroy();
    await store.stop();
  });
  const secrets = () => createSsmSecretStore(client, '/test/imports');

  test('are read by name, below the tenant they belong to', async () => {
    expect(await secrets().read(demoTenant, 'careplan')).toBe('a word');
  });

  test('that are not there are told by their path, another tenant’s too', async () => {
    const told = { code: 'SECRET_UNUSABLE', cause: 'The secret store has no value for /test/imports/other/careplan.' };
    await expect(secrets().read(restoreTenantId('other'), 'careplan')).rejects.toMatchObject(told);
    await expect(secrets().read(demoTenant, 'nothing')).rejects.toMatchObject({ code: 'SECRET_UNUSABLE' });
  });

  test('are not written over unless that was asked for', async () => {
    const request = { Name: '/test/imports/demo/careplan', Value: 'another', Type: 'SecureString' } as const;
    await expect(client.send(new PutParameterCommand(request))).rejects.toMatchObject({
      name: 'ParameterAlreadyExists',
    });
  });

  test('cannot be had from a store that does not answer', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const nowhere = new SSMClient({
      endpoint: 'http://127.0.0.1:9',
      region: 'eu-north-1',
      credentials,
      maxAttempts: 1,
    });
    const call = createSsmSecretStore(nowhere, '/test/imports').read(demoTenant, 'careplan');
    await expect(call).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  });
});
