import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsClients, createResources } from '../../local/create-resources.ts';
import { type InfraTemplate, readInfraTemplate } from '../../local/infra-template.ts';
import { type Emulators, startEmulators } from '../../local/start-emulators.ts';

let emulators: Emulators;
let clients: AwsClients;
let template: InfraTemplate;

beforeAll(async () => {
  emulators = await startEmulators({});
  const { dynamodb, s3, sqs } = emulators.endpoints;
  const settings = { region: 'eu-north-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  clients = {
    dynamodb: new DynamoDBClient({ ...settings, endpoint: dynamodb }),
    s3: new S3Client({ ...settings, endpoint: s3 }),
    sqs: new SQSClient({ ...settings, endpoint: sqs }),
    sqsEndpoint: sqs,
  };
  template = await readInfraTemplate();
});
afterAll(async () => {
  for (const client of [clients.dynamodb, clients.s3, clients.sqs]) client.destroy();
  await emulators.stop();
});

const make = (resources: InfraTemplate['resources']) => createResources(clients, { resources }, template.parameters);

describe('the resources of infra', () => {
  it('can be made, and made again where they are already', async () => {
    const first = await make(template.resources);
    const again = await make(template.resources);
    for (const logicalId of Object.keys(template.resources)) expect(again.ref(logicalId)).toBe(first.ref(logicalId));
    expect(first.getAtt('ReportQueue', 'Arn')).toMatch(
      /^arn:aws:sqs:eu-north-1:\d{12}:serverless-reporting-local-ReportQueue$/,
    );
  });

  it.each([
    ['ReportQueue', { VisibilityTimeout: 1 }],
    [
      'JobsTable',
      { GlobalSecondaryIndexes: undefined, AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }] },
    ],
  ])('are not taken for what is there with another form: %s', async (logicalId, changed) => {
    await make(template.resources);
    const { Type = '', Properties = {} } = template.resources[logicalId] ?? {};
    const other = { ...template.resources, [logicalId]: { Type, Properties: { ...Properties, ...changed } } };
    await expect(make(other)).rejects.toThrow(`The kept ${logicalId} does not fit infra/resources/ any more`);
  });

  it('have to be of a kind that is known here', async () => {
    await expect(make({ Topic: { Type: 'AWS::SNS::Topic', Properties: {} } })).rejects.toThrow('AWS::SNS::Topic');
  });

  it('may refer to tables, buckets and queues alone', async () => {
    const { ref } = await make({});
    expect(() => ref('HttpApi')).toThrow('HttpApi');
  });
});
