import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Job } from '../../functions/jobs/job.ts';
import { fromJobItem, type JobItem } from '../../functions/jobs/job-item.ts';

/** How many objects are read side by side. */
const width = 16;

/** Every job in the table. Other items have no versions. */
export const readJobs = async (documents: DynamoDBDocumentClient, TableName: string): Promise<readonly Job[]> => {
  const jobs: Job[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await documents.send(
      new ScanCommand({ TableName, ConsistentRead: true, ...(from === undefined ? {} : { ExclusiveStartKey: from }) }),
    );
    for (const item of page.Items ?? []) {
      if ('versions' in item) jobs.push(fromJobItem(item as unknown as JobItem));
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return jobs;
};

/** Every key in the bucket. */
export const readKeys = async (s3: S3Client, Bucket: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: token }));
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return keys;
};

/** The SHA-256 of the bytes of each object, by its key. */
export const readDigests = async (
  s3: S3Client,
  Bucket: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const digests = new Map<string, string>();
  const left = [...keys];
  const work = async () => {
    for (let Key = left.pop(); Key !== undefined; Key = left.pop()) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      digests.set(Key, createHash('sha256').update(bytes).digest('hex'));
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return digests;
};

/** Messages in a queue, those included that somebody is working on. */
export const countMessages = async (sqs: SQSClient, QueueUrl: string): Promise<number> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, text) => sum + Number(text), 0);
};
