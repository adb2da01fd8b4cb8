import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

/** The keys of everything under a prefix, in order; at most 1000. */
export const listKeys = async (s3: S3Client, bucket: string, prefix: string): Promise<readonly string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
};
