import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test, vi } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { requireServedHere } from '../../local/require-served-here.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
const dynamo = mockClient(documents);
const log = vi.spyOn(console, 'log').mockImplementation(() => {});
afterEach(() => {
  log.mockClear();
});

const look = (members: object) => {
  dynamo.on(GetCommand).resolves({ Item: { ...tenantRecord('aarhus'), ...members } });
  const tables = { documents, tenantsTable: 't', stage: 'prod', region: 'eu-north-1' };
  return requireServedHere(tables, restoreTenantId('aarhus'));
};

test.each([{}, { region: 'eu-north-1' }])(
  'a tenant that is served here passes, without a word: %j',
  async (members) => {
    expect(await look(members)).toMatchObject({ id: 'aarhus' });
    expect(log).not.toHaveBeenCalled();
  },
);

test('a tenant that another region serves is refused', async () => {
  await expect(look({ region: 'eu-west-1' })).rejects.toThrow(
    'Nothing was loaded: aarhus is served by eu-west-1. There: --region eu-west-1',
  );
});

test('a tenant that is disabled passes, and is told of', async () => {
  await look({ enabled: false });
  expect(log.mock.calls).toEqual([
    [
      expect.stringMatching(
        /^aarhus is disabled: .* npm run tenant -- enable aarhus --stage prod --region eu-north-1$/,
      ),
    ],
  ]);
});
