import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { BucketRefusal, type InMemoryBucket, type StoredObject } from './in-memory-bucket.ts';

/** Fetches the rest of a body that comes in two parts; rejects where the connection breaks off. */
export type FetchRest = (rest: Uint8Array) => Promise<Uint8Array>;

async function* twoParts(bytes: Uint8Array, fetchRest: FetchRest): AsyncGenerator<Uint8Array> {
  const half = Math.ceil(bytes.length / 2);
  yield bytes.subarray(0, half);
  yield await fetchRest(bytes.subarray(half));
}

/** Who fetches the rest reads a stream, or a text as it comes; all others take the body as a whole. */
const bodyOf = (bytes: Uint8Array, fetchRest: FetchRest | undefined): unknown => {
  if (fetchRest === undefined) return { transformToByteArray: async () => bytes };
  const half = Math.ceil(bytes.length / 2);
  const transformToString = async () =>
    Buffer.concat([bytes.subarray(0, half), await fetchRest(bytes.subarray(half))]).toString('utf8');
  return Object.assign(Readable.from(twoParts(bytes, fetchRest), { objectMode: true }), { transformToString });
};

const describe = ({ bytes, etag, lastModified }: StoredObject) => ({
  ETag: etag,
  ContentLength: bytes.length,
  LastModified: new Date(lastModified),
});

const get = (bucket: InMemoryBucket, { input }: GetObjectCommand, fetchRest: FetchRest | undefined): unknown => {
  const found = bucket.get(String(input.Key), input.IfMatch);
  const from = Number(/^bytes=(\d+)-$/.exec(input.Range ?? '')?.[1] ?? 0);
  const size = found.bytes.length;
  return {
    ...describe(found),
    ...(input.Range === undefined ? {} : { ContentRange: `bytes ${from}-${size - 1}/${size}` }),
    Body: bodyOf(found.bytes.subarray(from), fetchRest),
  };
};

const list = (bucket: InMemoryBucket, { input }: ListObjectsV2Command): unknown => {
  const { Prefix = '', MaxKeys = 1000, StartAfter = '', ContinuationToken: after = StartAfter } = input;
  if (input.Delimiter !== undefined) return listFolders(bucket, Prefix, input.Delimiter, after);
  const keys = bucket.list(Prefix).filter((key) => key > after);
  const Contents = keys.slice(0, MaxKeys).map((Key) => {
    const { bytes, lastModified, etag } = bucket.get(Key);
    return { Key, Size: bytes.length, LastModified: new Date(lastModified), ETag: etag };
  });
  const IsTruncated = keys.length > MaxKeys;
  return {
    Contents,
    KeyCount: Contents.length,
    IsTruncated,
    ...(IsTruncated && { NextContinuationToken: keys[MaxKeys - 1] }),
  };
};

const listFolders = (bucket: InMemoryBucket, prefix: string, delimiter: string, after: string): unknown => {
  const folders = new Set<string>();
  for (const key of bucket.list(prefix)) {
    const end = key.indexOf(delimiter, prefix.length);
    if (end !== -1 && key.slice(0, end + 1) > after) folders.add(key.slice(0, end + 1));
  }
  return { CommonPrefixes: [...folders].map((Prefix) => ({ Prefix })), Contents: [], IsTruncated: false };
};

const put = (bucket: InMemoryBucket, { input }: PutObjectCommand): unknown => {
  const bytes = typeof input.Body === 'string' ? Buffer.from(input.Body) : (input.Body as Uint8Array);
  const { etag } = bucket.put(String(input.Key), bytes, input.IfNoneMatch === '*', input.IfMatch);
  return { ETag: etag };
};

const perform = (bucket: InMemoryBucket, command: unknown, fetchRest: FetchRest | undefined): unknown => {
  if (command instanceof PutObjectCommand) return put(bucket, command);
  if (command instanceof GetObjectCommand) return get(bucket, command, fetchRest);
  if (command instanceof ListObjectsV2Command) return list(bucket, command);
  if (command instanceof HeadObjectCommand) {
    const found = bucket.objects.get(String(command.input.Key));
    if (found === undefined) throw new BucketRefusal('NotFound', 404);
    return describe(found);
  }
  if (command instanceof DeleteObjectsCommand) {
    for (const { Key } of command.input.Delete?.Objects ?? []) bucket.delete(String(Key));
    return {};
  }
  throw new TypeError(`not simulated: ${(command as object).constructor.name}`);
};

/**
 * What S3 answers to one request, at once. With `fetchRest` a body comes in two parts.
 *
 * @throws S3ServiceException, as the SDK does
 */
export const answerS3 = (bucket: InMemoryBucket, command: unknown, fetchRest?: FetchRest): unknown => {
  try {
    return perform(bucket, command, fetchRest);
  } catch (error) {
    if (!(error instanceof BucketRefusal)) throw error;
    const { name, status: httpStatusCode } = error;
    throw new S3ServiceException({ name, $fault: 'client', message: name, $metadata: { httpStatusCode } });
  }
};
