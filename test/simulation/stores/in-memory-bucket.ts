import { createHash } from 'node:crypto';

/** An object as it lies in a bucket. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  /** The same for the same bytes: an MD5, as S3 has it where its own keys encrypt (S3 API Reference, "Object"). With KMS it would tell more. */
  readonly etag: string;
  /** Milliseconds since the epoch, to the second. */
  readonly lastModified: number;
}

/** What an S3 bucket without versioning refuses, by the names that its errors have. */
export class BucketRefusal extends Error {
  override readonly name: 'NoSuchKey' | 'NotFound' | 'PreconditionFailed';
  readonly status: number;
  constructor(name: BucketRefusal['name'], status: number) {
    super(name);
    this.name = name;
    this.status = status;
  }
}

/** What surrounds a bucket. */
export interface BucketSurroundings {
  now(): number;
  /** Called after each change, with what was there before and what is there now. */
  changed?(key: string, before: StoredObject | undefined, after: StoredObject | undefined): void;
}

/** A bucket in memory, strongly consistent as S3 is. Methods are atomic, as single requests are. */
export interface InMemoryBucket {
  readonly objects: ReadonlyMap<string, StoredObject>;
  /**
   * @param isNew whether it asks for `If-None-Match: *`
   * @param ifMatch the ETag that it asks for
   * @param at when it was put there, where that was before the run
   * @throws BucketRefusal 412; 404 where there is nothing whose ETag could match (S3 User Guide, "conditional writes")
   */
  put(key: string, bytes: Uint8Array, isNew: boolean, ifMatch?: string, at?: number): StoredObject;
  /** @throws BucketRefusal 404, and 412 where the ETag is another */
  get(key: string, ifMatch?: string): StoredObject;
  /** Keys that begin so, in order. */
  list(prefix: string): readonly string[];
  delete(key: string): void;
}

/** An empty bucket. */
export const createInMemoryBucket = ({ now, changed }: BucketSurroundings): InMemoryBucket => {
  const objects = new Map<string, StoredObject>();
  return {
    objects,
    put(key, bytes, isNew, ifMatch, at = now()) {
      const before = objects.get(key);
      if (isNew && before !== undefined) throw new BucketRefusal('PreconditionFailed', 412);
      if (ifMatch !== undefined && before === undefined) throw new BucketRefusal('NoSuchKey', 404);
      if (ifMatch !== undefined && ifMatch !== before?.etag) throw new BucketRefusal('PreconditionFailed', 412);
      const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      const after = { bytes, etag, lastModified: Math.floor(at / 1000) * 1000 };
      objects.set(key, after);
      changed?.(key, before, after);
      return after;
    },
    get(key, ifMatch) {
      const found = objects.get(key);
      if (found === undefined) throw new BucketRefusal('NoSuchKey', 404);
      if (ifMatch !== undefined && ifMatch !== found.etag) throw new BucketRefusal('PreconditionFailed', 412);
      return found;
    },
    list: (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    delete(key) {
      const before = objects.get(key);
      if (!objects.delete(key)) return;
      changed?.(key, before, undefined);
    },
  };
};
