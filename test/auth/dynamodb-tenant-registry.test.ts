import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbTenantSource, putTenant } from '../../functions/auth/dynamodb-tenant-registry.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-west-1' }));
const dynamo = mockClient(client);
const signal = new AbortController().signal;

beforeEach(() => {
  dynamo.reset();
});

describe('the tenant source', () => {
  it('reads every page, consistently', async () => {
    const pages = [
      { Items: [{ id: 'a' }], LastEvaluatedKey: { id: 'a' } },
      { LastEvaluatedKey: { id: 'b' } },
      { Items: [{ id: 'c' }] },
    ];
    const asked: unknown[] = [];
    dynamo.on(ScanCommand).callsFake((input) => {
      asked.push({ table: input.TableName, consistent: input.ConsistentRead, from: input.ExclusiveStartKey });
      return pages[asked.length - 1];
    });
    expect(await createDynamoDbTenantSource(client, 'tenants').readAll(signal)).toEqual([{ id: 'a' }, { id: 'c' }]);
    expect(asked).toEqual([
      { table: 'tenants', consistent: true, from: undefined },
      { table: 'tenants', consistent: true, from: { id: 'a' } },
      { table: 'tenants', consistent: true, from: { id: 'b' } },
    ]);
  });

  it('fails when any page fails: half a registry is none', async () => {
    dynamo
      .on(ScanCommand)
      .resolvesOnce({ Items: [{ id: 'a' }], LastEvaluatedKey: { id: 'a' } })
      .rejects(new Error('ProvisionedThroughputExceededException'));
    await expect(createDynamoDbTenantSource(client, 'tenants').readAll(signal)).rejects.toThrow();
  });
});

describe('putTenant', () => {
  it('writes the record as it is given, in place of an earlier one with its id', async () => {
    dynamo.on(ScanCommand).resolves({ Items: [tenantRecord('demo')] });
    dynamo.on(PutCommand).resolves({});
    const record = tenantRecord('demo', { timeZone: undefined, note: 'kept' });
    expect(await putTenant(client, 'tenants', record, new Set())).toMatchObject({ id: 'demo', baseline: 10_000 });
    expect(dynamo.commandCalls(PutCommand)[0]?.args[0].input).toEqual({
      TableName: 'tenants',
      Item: { ...tenantRecord('demo'), note: 'kept' },
    });
  });

  it('refuses an issuer that another tenant has, even a broken one', async () => {
    dynamo.on(ScanCommand).resolves({ Items: [{ id: 'other', issuer: tenantRecord('demo')['issuer'] }] });
    await expect(putTenant(client, 'tenants', tenantRecord('demo'), new Set())).rejects.toMatchObject({
      code: 'GENERAL_VALIDATION_ERROR',
      details: { args: ['issuer: is used by another tenant'] },
    });
    expect(dynamo.commandCalls(PutCommand)).toHaveLength(0);
  });

  it('T58: refuses a record that the registry would not serve, before it touches the table', async () => {
    const record = tenantRecord('demo', { jwksUri: 'https://10.0.0.1/', audience: [] });
    await expect(putTenant(client, 'tenants', record, new Set())).rejects.toMatchObject({
      details: { args: ['jwksUri: must not point into a private network; audience: must not be empty'] },
    });
    expect(dynamo.calls()).toHaveLength(0);
    dynamo.on(ScanCommand).resolves({ Items: [] });
    dynamo.on(PutCommand).resolves({});
    await putTenant(client, 'tenants', tenantRecord('demo', { jwksUri: 'https://10.0.0.1/' }), new Set(['10.0.0.1']));
    expect(dynamo.commandCalls(PutCommand)).toHaveLength(1);
  });
});
