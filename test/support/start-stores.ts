import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { documentSettings } from '../../functions/platform/client-settings.ts';
import { createResources } from '../../local/create-resources.ts';
import { readInfraTemplate } from '../../local/infra-template.ts';
import { type Endpoints, startEmulators } from '../../local/start-emulators.ts';

/** The emulated tables, buckets and queues of `infra/`, with clients for them. */
export interface Stores {
  readonly endpoints: Endpoints;
  readonly documents: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Physical name or URL of a resource by its logical id. */
  ref(logicalId: string): string;
  /** Empties the jobs table. */
  clearJobs(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the emulators of `local/` on free ports and makes the resources of `infra/` in them. Nothing else runs. */
export const startStores = async (): Promise<Stores> => {
  const emulators = await startEmulators({});
  const { dynamodb: dynamodbEndpoint, s3: s3Endpoint, sqs: sqsEndpoint } = emulators.endpoints;
  const common = { region: 'eu-north-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: dynamodbEndpoint });
  const s3 = new S3Client({ ...common, endpoint: s3Endpoint });
  const sqs = new SQSClient({ ...common, endpoint: sqsEndpoint });
  const template = await readInfraTemplate();
  const { ref } = await createResources({ dynamodb, s3, sqs, sqsEndpoint }, template, template.parameters);
  const documents = DynamoDBDocumentClient.from(dynamodb, documentSettings);
  return {
    endpoints: emulators.endpoints,
    documents,
    s3,
    sqs,
    ref,
    async clearJobs() {
      const TableName = ref('JobsTable');
      const { Items = [] } = await documents.send(new ScanCommand({ TableName }));
      const requests = Items.map(({ pk }) => ({ DeleteRequest: { Key: { pk } } }));
      for (let at = 0; at < requests.length; at += 25) {
        await documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests.slice(at, at + 25) } }));
      }
    },
    async stop() {
      for (const client of [dynamodb, s3, sqs]) client.destroy();
      await emulators.stop();
    },
  };
};
