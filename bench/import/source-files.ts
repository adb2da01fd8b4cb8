import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';

/** What an export server has: files on disk, and the SHA-256 of all of them one after the other. */
export interface SourceFiles {
  readonly files: readonly (() => Iterable<Buffer>)[];
  readonly counts: readonly number[];
  readonly sha256: string;
  readonly bytes: number;
}

const pieceBytes = 1024 * 1024;

function* readPieces(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const read = readSync(file, piece);
      if (read === 0) return;
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

/** Writes invented episodes into so many files. */
export const writeSourceFiles = (folder: string, episodes: number, count: number, cutOff: string): SourceFiles => {
  const hash = createHash('sha256');
  const lines = generateEpisodes({ count: episodes, seed: 7, cutOff });
  const each = Math.ceil(episodes / count);
  const files: (() => Iterable<Buffer>)[] = [];
  const counts: number[] = [];
  let bytes = 0;
  for (let index = 0; index < count; index++) {
    const path = join(folder, `${index}.ndjson`);
    const file = openSync(path, 'w');
    let written = 0;
    let pending: string[] = [];
    const flush = (): void => {
      const piece = Buffer.from(pending.join(''));
      pending = [];
      hash.update(piece);
      bytes += piece.length;
      writeSync(file, piece);
    };
    while (written < each) {
      const { value, done } = lines.next();
      if (done === true) break;
      pending.push(`${value}\n`);
      written += 1;
      if (pending.length >= 2_000) flush();
    }
    flush();
    closeSync(file);
    files.push(() => readPieces(path));
    counts.push(written);
  }
  return { files, counts, sha256: hash.digest('hex'), bytes };
};
