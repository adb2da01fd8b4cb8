import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { InfraTemplate, ResourceTemplate } from './infra-template.ts';
import { resolveTemplate, type TemplateScope } from './resolve-template.ts';

/** Clients of the services that hold the resources. */
export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Where queues are reached now: a kept queue answers the URL of the port that it was made on. */
  readonly sqsEndpoint: string;
}

/** What a created resource answers to `Ref` and `Fn::GetAtt`. */
interface CreatedResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** As CloudFormation names them: stack, then logical id. */
const physicalName = (logicalId: string): string => `serverless-reporting-local-${logicalId}`;

const doesNotFit = (logicalId: string): Error =>
  new Error(`The kept ${logicalId} does not fit infra/resources/ any more. Remove the folder .local/ and start again.`);

/**
 * The properties that have a meaning here, by type; of a queue all. Encryption, backups, expiry and retention have none, and what they
 * refer to (keys) there is not.
 */
const knownProperties: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['AttributeDefinitions', 'KeySchema', 'GlobalSecondaryIndexes', 'BillingMode'],
  'AWS::S3::Bucket': [],
  'AWS::Logs::LogGroup': [],
  'AWS::Logs::LogStream': [],
};

const keepKnown = ({ Type, Properties }: ResourceTemplate): ResourceTemplate => {
  const names = knownProperties[Type];
  if (names === undefined) return { Type, Properties };
  return { Type, Properties: Object.fromEntries(names.map((name) => [name, Properties[name]])) };
};

const shapeOf = (table: Partial<CreateTableCommandInput>): string =>
  JSON.stringify([
    table.KeySchema,
    (table.GlobalSecondaryIndexes ?? [])
      .map(({ IndexName, KeySchema }) => ({ IndexName, KeySchema }))
      .sort((one, other) => String(one.IndexName).localeCompare(String(other.IndexName))),
  ]);

const createTable = async (
  { dynamodb }: AwsClients,
  logicalId: string,
  properties: Record<string, unknown>,
): Promise<CreatedResource> => {
  const TableName = physicalName(logicalId);
  const input = { ...properties, TableName } as CreateTableCommandInput;
  try {
    await dynamodb.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    if (shapeOf(Table as Partial<CreateTableCommandInput>) !== shapeOf(input)) {
      throw doesNotFit(logicalId);
    }
  }
  return { ref: TableName, attributes: {} };
};

const createBucket = async ({ s3 }: AwsClients, logicalId: string): Promise<CreatedResource> => {
  const Bucket = physicalName(logicalId).toLowerCase();
  try {
    await s3.send(new CreateBucketCommand({ Bucket }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'BucketAlreadyOwnedByYou') throw error;
  }
  return { ref: Bucket, attributes: {} };
};

/** SQS takes every attribute as text, the redrive policy as JSON. */
const queueAttributes = (properties: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );

const createQueue = async (
  { sqs, sqsEndpoint }: AwsClients,
  logicalId: string,
  properties: Record<string, unknown>,
): Promise<CreatedResource> => {
  const input = { QueueName: physicalName(logicalId), Attributes: queueAttributes(properties) };
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand(input)).catch((error: unknown) => {
    // The service's own name for it, or, from some emulators, with its namespace in front.
    throw error instanceof Error && error.name.endsWith('QueueNameExists') ? doesNotFit(logicalId) : error;
  });
  const ref = new URL(new URL(QueueUrl).pathname, sqsEndpoint).href;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: ref, AttributeNames: ['QueueArn'] }));
  return { ref, attributes: { Arn: Attributes?.['QueueArn'] ?? '' } };
};

const create = (clients: AwsClients, logicalId: string, { Type }: ResourceTemplate, properties: unknown) => {
  const known = properties as Record<string, unknown>;
  if (Type === 'AWS::DynamoDB::Table') return createTable(clients, logicalId, known);
  if (Type === 'AWS::S3::Bucket') return createBucket(clients, logicalId);
  // Nothing here keeps log groups: what the functions write to them is taken over by `local/start-functions.ts`.
  if (Type.startsWith('AWS::Logs::')) return { ref: physicalName(logicalId), attributes: {} };
  if (Type === 'AWS::SQS::Queue') return createQueue(clients, logicalId, known);
  throw new Error(`local/create-resources.ts does not know how to make a ${Type}`);
};

/** A queue that redrives into another one comes after it. */
const dependsOnOthers = ({ Properties }: ResourceTemplate): boolean =>
  ['Ref', 'Fn::GetAtt'].some((reference) => JSON.stringify(Properties).includes(`"${reference}"`));

/**
 * Creates the tables, buckets and queues of `infra/resources/`, as far as they are not there yet.
 *
 * @param parameters the stage's parameters
 * @returns the scope in which the functions' environment is resolved
 * @throws Error when a kept table does not fit the template any more
 */
export const createResources = async (
  clients: AwsClients,
  { resources }: Pick<InfraTemplate, 'resources'>,
  parameters: TemplateScope['parameters'],
): Promise<TemplateScope> => {
  const created = new Map<string, CreatedResource>();
  const find = (logicalId: string): CreatedResource => {
    const resource = created.get(logicalId);
    if (resource === undefined) throw new Error(`infra/ refers to ${logicalId}, which is no table, bucket or queue`);
    return resource;
  };
  const scope: TemplateScope = {
    parameters,
    ref: (logicalId) => find(logicalId).ref,
    getAtt: (logicalId, attribute) => find(logicalId).attributes[attribute] ?? '',
  };
  const entries = Object.entries(resources).map(([logicalId, one]) => [logicalId, keepKnown(one)] as const);
  for (const group of [
    entries.filter(([, one]) => !dependsOnOthers(one)),
    entries.filter(([, one]) => dependsOnOthers(one)),
  ]) {
    await Promise.all(
      group.map(async ([logicalId, resource]) => {
        const properties = resolveTemplate(resource.Properties, scope);
        created.set(logicalId, await create(clients, logicalId, resource, properties));
      }),
    );
  }
  return scope;
};
