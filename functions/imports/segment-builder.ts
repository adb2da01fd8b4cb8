import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Segment } from './import.ts';

const compress = promisify(gzip);

/** So much is compressed at a time, as a gzip member of its own: nothing has to be kept open between two of them. */
const memberBytes = 1024 * 1024;

/** The stretch that is collected, compressed as it comes. */
export interface SegmentBuilder {
  readonly plainBytes: number;
  readonly count: number;
  /** Adds whole lines. The bytes must not change any more. */
  add(bytes: Uint8Array, lines: number): Promise<void>;
  /** What was added, as one gzip file (RFC 1952, several members), and how it is described; the name is the caller's to give. */
  finish(): Promise<{ readonly bytes: Uint8Array; readonly described: Omit<Segment, 'name'> }>;
}

/**
 * Begins a segment. Holds the compressed bytes, one member that is being compressed and one that is being filled. The fastest level: of
 * FHIR's JSON it leaves a thirteenth, the usual one a seventeenth for three times the time (docs/decisions/0024-imports.md).
 */
export const createSegmentBuilder = (): SegmentBuilder => {
  const members: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  let openBytes = 0;
  let plainBytes = 0;
  let count = 0;
  let compressing: Promise<void> = Promise.resolve();

  const close = async (): Promise<void> => {
    if (openBytes === 0) return;
    const plain = Buffer.concat(open, openBytes);
    open = [];
    openBytes = 0;
    await compressing;
    compressing = compress(plain, { level: constants.Z_BEST_SPEED }).then((member) => void members.push(member));
  };

  return {
    get plainBytes() {
      return plainBytes;
    },
    get count() {
      return count;
    },
    async add(bytes, lines) {
      open.push(bytes);
      openBytes += bytes.length;
      plainBytes += bytes.length;
      count += lines;
      if (openBytes >= memberBytes) await close();
    },
    async finish() {
      await close();
      await compressing;
      const bytes = Buffer.concat(members);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { bytes, described: { bytes: bytes.length, sha256, count, plainBytes } };
    },
  };
};
