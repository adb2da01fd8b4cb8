import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand, ListObjectsV2Command, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { eraseHoldings } from '../../local/erase-tenant.ts';

// The emulator keeps no versions of objects; the data bucket does.

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
const s3 = new S3Client({ region: 'eu-north-1' });
const names = { tenantsTable: 't', jobsTable: 'j', importsTable: 'i', contentBucket: 'c', dataBucket: 'd' };
const stores = { documents, s3, ...names };
const dynamo = mockClient(documents);
const bucket = mockClient(s3);

test('older versions and delete markers of data sets are erased too, page after page', async () => {
  dynamo.on(ScanCommand).resolves({ Items: [] });
  bucket
    .on(ListObjectVersionsCommand)
    .resolves({})
    .on(ListObjectVersionsCommand, { Bucket: 'd' })
    .resolves({ Versions: [{ Key: 'demo/b', VersionId: '2' }], DeleteMarkers: [{ Key: 'demo/a', VersionId: '3' }] })
    .on(ListObjectVersionsCommand, { Bucket: 'd', KeyMarker: undefined })
    .resolves({
      Versions: [
        { Key: 'demo/a', VersionId: '1' },
        { Key: 'demo/a', VersionId: '2' },
      ],
      IsTruncated: true,
      NextKeyMarker: 'demo/a',
      NextVersionIdMarker: '2',
    });
  bucket.on(ListObjectsV2Command).resolves({}).on(DeleteObjectsCommand).resolves({});
  expect(await eraseHoldings(stores, restoreTenantId('demo'))).toMatchObject({ contentObjects: 0, dataObjects: 4 });
  expect(bucket.commandCalls(DeleteObjectsCommand).map(({ args }) => args[0].input)).toEqual([
    {
      Bucket: 'd',
      Delete: {
        Objects: [
          { Key: 'demo/a', VersionId: '1' },
          { Key: 'demo/a', VersionId: '2' },
          { Key: 'demo/b', VersionId: '2' },
          { Key: 'demo/a', VersionId: '3' },
        ],
        Quiet: true,
      },
    },
  ]);
});

test('an object that S3 keeps is no success', async () => {
  bucket.on(ListObjectVersionsCommand).resolves({ Versions: [{ Key: 'demo/a', VersionId: '1' }] });
  bucket.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: 'demo/a', Code: 'AccessDenied' }] });
  await expect(eraseHoldings(stores, restoreTenantId('demo'))).rejects.toThrow('S3 has kept 1 objects: AccessDenied');
});
