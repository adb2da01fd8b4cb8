import { addAbortSignal, Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { toDependencyError } from '../platform/dependency-error.ts';
import { ServiceError } from '../platform/service-error.ts';

/** Where an object is. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** An object and which version of it is meant. */
export interface PinnedObject extends ObjectAddress {
  readonly etag: string;
  readonly bytes: number;
  /** To the second, as HTTP gives it. */
  readonly lastModified: Date;
}

/** What can be wrong with one object, apart from the store as such. */
export type ObjectFault = 'missing' | 'replaced';

/** How often a body that broke off is asked for again from where it ended. */
const mostResumptions = 5;

const unavailable = (reason: string): ServiceError =>
  new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: `data-set-store ${reason}` });

/**
 * What an error of the SDK means: a fault of the object, or else what is to be thrown. HEAD says `NotFound`, GET `NoSuchKey`;
 * 403 is never "missing": the role may list the tenants' prefixes, and then S3 answers 404 for what is not there.
 */
const explain = (error: unknown, signal: AbortSignal): ObjectFault => {
  signal.throwIfAborted();
  if (error instanceof ServiceError) throw error;
  if (!(error instanceof S3ServiceException)) throw toDependencyError('data-set-store', error);
  if (error.name === 'NoSuchKey' || error.name === 'NotFound') return 'missing';
  const status = error.$metadata.httpStatusCode;
  if (status === 412) return 'replaced';
  throw toDependencyError('data-set-store', error);
};

const openBody = async (
  s3: S3Client,
  { bucket: Bucket, key: Key }: ObjectAddress,
  conditions: { readonly IfMatch?: string; readonly Range?: string },
  signal: AbortSignal,
): Promise<{ readonly body: Readable; readonly range: string | undefined } | ObjectFault> => {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...conditions }), { abortSignal: signal });
    if (!(answer.Body instanceof Readable)) throw unavailable('answer without body');
    return { body: addAbortSignal(signal, answer.Body), range: answer.ContentRange };
  } catch (error) {
    return explain(error, signal);
  }
};

/** HEAD has no error body, so a missing bucket looks like a missing object there; GET tells them apart. */
const confirmMissing = async (s3: S3Client, address: ObjectAddress, signal: AbortSignal): Promise<'missing'> => {
  const opened = await openBody(s3, address, {}, signal);
  if (typeof opened !== 'string') opened.body.on('error', () => undefined).destroy();
  return 'missing';
};

/**
 * Looks at an object and pins its current version.
 *
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`; the signal's reason when it is aborted.
 */
export const pinObject = async (
  s3: S3Client,
  address: ObjectAddress,
  signal: AbortSignal,
): Promise<PinnedObject | 'missing'> => {
  const request = new HeadObjectCommand({ Bucket: address.bucket, Key: address.key });
  try {
    const answer = await s3.send(request, { abortSignal: signal });
    const { ETag: etag, ContentLength: bytes, LastModified: lastModified } = answer;
    if (etag === undefined || bytes === undefined || lastModified === undefined) throw unavailable('incomplete answer');
    return { ...address, etag, bytes, lastModified };
  } catch (error) {
    explain(error, signal);
    return confirmMissing(s3, address, signal);
  }
};

/**
 * The bytes of a pinned version, in order. A body that breaks off is resumed where it ended, up to five times, and only from
 * the same version.
 *
 * @param explainFault makes the error to throw when the object is gone or replaced.
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`, what `explainFault` gives, or the signal's reason when it is aborted.
 */
export async function* readObject(
  s3: S3Client,
  object: PinnedObject,
  signal: AbortSignal,
  explainFault: (fault: ObjectFault) => Promise<ServiceError>,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for (let resumptions = 0; resumptions <= mostResumptions; resumptions++) {
    const range = received === 0 ? {} : { Range: `bytes=${received}-` };
    const opened = await openBody(s3, object, { IfMatch: object.etag, ...range }, signal);
    if (typeof opened === 'string') throw await explainFault(opened);
    if (received > 0 && opened.range?.startsWith(`bytes ${received}-`) !== true) throw unavailable('range ignored');
    try {
      for await (const chunk of opened.body) {
        received += chunk.length;
        yield chunk;
      }
    } catch {
      signal.throwIfAborted();
      if (received >= object.bytes) throw unavailable('damaged on the way');
    }
    if (received === object.bytes) return;
  }
  throw unavailable('broke off');
}
