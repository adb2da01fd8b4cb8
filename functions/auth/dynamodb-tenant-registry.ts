import { type DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { ServiceError } from '../platform/service-error.ts';
import { parseTenant } from './parse-tenant.ts';
import type { Tenant } from './tenant.ts';
import type { TenantSource } from './tenant-registry.ts';
import type { TrustedPrivateHosts } from './trusted-private-hosts.ts';

const scan = async (
  client: DynamoDBDocumentClient,
  tableName: string,
  signal: AbortSignal | undefined,
): Promise<readonly unknown[]> => {
  const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true }, { abortSignal: signal });
  const records: unknown[] = [];
  for await (const { Items = [] } of pages) records.push(...Items);
  return records;
};

/**
 * The tenants in a DynamoDB table, one item each, with the string `id` as the key: read whole, page by page (a page is 1 MB, which is
 * some thousand tenants), consistently.
 */
export const createDynamoDbTenantSource = (client: DynamoDBDocumentClient, tableName: string): TenantSource => ({
  readAll: (signal) => scan(client, tableName, signal),
});

const refuse = (problems: readonly string[]): ServiceError =>
  new ServiceError('GENERAL_VALIDATION_ERROR', { args: [problems.join('; ')], reason: 'tenant-record' });

const issuerOf = (item: unknown): unknown => Reflect.get(Object(item), 'issuer');
const idOf = (item: unknown): unknown => Reflect.get(Object(item), 'id');

/**
 * Writes a tenant's record as it is given, in place of an earlier one with its id. For operators; services see it once their cache
 * has run out. Two writers at the same moment can still give one issuer to two tenants: the registry then serves neither.
 *
 * @param record a plain JSON object; `parseTenant` says which members count.
 * @returns the tenant that services will see.
 * @throws ServiceError `GENERAL_VALIDATION_ERROR` naming every problem, without values, also when another tenant has the issuer.
 */
export const putTenant = async (
  client: DynamoDBDocumentClient,
  tableName: string,
  record: Readonly<Record<string, unknown>>,
  trusted: TrustedPrivateHosts,
): Promise<Tenant> => {
  const parsed = parseTenant(record, trusted);
  if (!parsed.ok) throw refuse(parsed.problems);
  const { tenant } = parsed;
  const others = (await scan(client, tableName, undefined)).filter((item) => idOf(item) !== tenant.id);
  if (others.some((item) => issuerOf(item) === tenant.issuer)) throw refuse(['issuer: is used by another tenant']);
  await client.send(new PutCommand({ TableName: tableName, Item: JSON.parse(JSON.stringify(record)) }));
  return tenant;
};
