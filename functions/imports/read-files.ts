import { createHash, type Hash } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { BulkDataClient } from './bulk-data-client.ts';
import { type DataSetFiles, importPrefix } from './data-set-files.ts';
import type { Cursor, Stretch } from './import.ts';
import type { ImportGrip } from './import-grip.ts';
import { type ImportLimits, requireReadable } from './import-limits.ts';
import type { ImportPlan } from './import-plan.ts';
import { ImportError } from './import-problem.ts';
import { addSegment, firstCursor, moveCursor } from './import-transitions.ts';
import { createLineGate, type LineBlock } from './line-gate.ts';
import { type OpenFile, openExportFile } from './open-export-file.ts';
import { createSegmentBuilder } from './segment-builder.ts';

/** What reading an export's files needs. */
export interface ReadingDependencies {
  readonly client: BulkDataClient;
  readonly files: DataSetFiles;
  readonly clock: Clock;
  readonly limits: ImportLimits;
}

/** One reading: as far as it gets. */
export interface Reading {
  readonly grip: ImportGrip;
  readonly plan: ImportPlan;
  /** Milliseconds since the epoch: what is read by then is stored, and the rest left to the next step. */
  readonly stopAt: number;
  readonly signal: AbortSignal;
}

/** Where in the files the reading is. Ahead of the cursor in the record by what is not stored yet. */
interface Position {
  file: number;
  offset: number;
  lines: number;
  stretches: Stretch[];
  validator: string | undefined;
  stretch: Hash;
  stretchBytes: number;
}

const positionOf = ({ file, offset, lines, stretches, validator }: Cursor): Position => ({
  file,
  offset,
  lines,
  stretches: [...stretches],
  validator,
  stretch: createHash('sha256'),
  stretchBytes: 0,
});

const cursorOf = ({ file, offset, lines, stretches, validator }: Position): Cursor => ({
  file,
  offset,
  lines,
  stretches: [...stretches],
  ...(validator === undefined ? {} : { validator }),
});

const closeStretch = (position: Position): void => {
  if (position.stretchBytes === 0) return;
  position.stretches.push({ bytes: position.stretchBytes, sha256: position.stretch.digest('hex') });
  position.stretch = createHash('sha256');
  position.stretchBytes = 0;
};

/**
 * What comes after the bytes that are stored already. Those are read again and compared: what goes on has to be the same file.
 *
 * @throws ImportError `FILE_CHANGED`
 */
async function* skipStored(
  chunks: AsyncIterable<Uint8Array>,
  stretches: readonly Stretch[],
): AsyncGenerator<Uint8Array> {
  const changed = new ImportError('FILE_CHANGED', 'it is another one than when its reading was begun.');
  const waiting = [...stretches];
  let hash = createHash('sha256');
  let left = waiting[0]?.bytes ?? 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (waiting.length > 0 && at < chunk.length) {
      const piece = chunk.subarray(at, at + left);
      hash.update(piece);
      at += piece.length;
      left -= piece.length;
      if (left > 0) break;
      if (hash.digest('hex') !== waiting.shift()?.sha256) throw changed;
      hash = createHash('sha256');
      left = waiting[0]?.bytes ?? 0;
    }
    if (at < chunk.length) yield at === 0 ? chunk : chunk.subarray(at);
  }
  if (waiting.length > 0) throw changed;
}

/**
 * Reads the files of an export from where the record says, and stores their lines as segments: each first in the bucket, then in the
 * record, so that whatever is lost is read once more and nothing twice. Memory is that of one segment, compressed.
 *
 * @returns whether all files are stored; else time ran out
 * @throws ImportError naming the file by its number; ImportLost; ServiceError of a store; the signal's reason
 */
export const readFiles = async (dependencies: ReadingDependencies, reading: Reading): Promise<boolean> => {
  const { files, clock, limits } = dependencies;
  const { grip, plan, stopAt, signal } = reading;
  const { tenantId, importId } = grip.import;
  const position = positionOf(grip.import.cursor ?? firstCursor);
  let builder = createSegmentBuilder();

  const store = async (): Promise<void> => {
    closeStretch(position);
    const cursor = cursorOf(position);
    if (builder.count === 0) return grip.save((held) => moveCursor(held, cursor));
    const number = grip.import.segments.length + 1;
    if (number > limits.segments)
      throw new ImportError('TOO_LARGE', `The export has more than ${limits.segments} parts.`);
    const { bytes, described } = await builder.finish();
    requireReadable([...grip.import.segments, described], limits);
    // With the token, no two who think that the import is theirs write to the same key.
    const name = `${importPrefix(importId)}/${String(number).padStart(4, '0')}-${grip.import.lease?.token.slice(0, 8)}.ndjson.gz`;
    await files.put(tenantId, name, bytes, 'application/fhir+ndjson');
    builder = createSegmentBuilder();
    await grip.save((held) => addSegment(held, { ...described, name }, cursor));
  };

  const keep = async ({ bytes, taken, lines }: LineBlock): Promise<void> => {
    await builder.add(bytes, lines);
    position.offset += taken.length;
    position.lines += lines;
    position.stretch.update(taken);
    position.stretchBytes += taken.length;
    if (builder.plainBytes >= limits.segmentBytes) await store();
  };

  /** Whether it was read to its end. */
  const readLines = async (opened: OpenFile): Promise<boolean> => {
    const gate = createLineGate(limits.lineBytes, position.offset === 0);
    const rest = opened.from > 0 ? opened.chunks : skipStored(opened.chunks, position.stretches);
    for await (const chunk of rest) {
      signal.throwIfAborted();
      position.validator = opened.validator();
      const block = gate.push(chunk);
      if (block !== undefined) await keep(block);
      if (clock.now() >= stopAt) return false;
    }
    const last = gate.end();
    if (last !== undefined) await keep(last);
    return true;
  };

  const readFile = async (): Promise<boolean> => {
    const file = plan.files[position.file];
    if (file === undefined) return true;
    const opened = await openExportFile(dependencies, file, plan.requiresAccessToken, position, signal);
    if (!(await readLines(opened))) return false;
    if (file.count !== undefined && file.count !== position.lines) {
      throw new ImportError(
        'FILE_MISCOUNTED',
        `it has ${position.lines} lines, while the manifest gives a count of ${file.count}.`,
      );
    }
    Object.assign(position, positionOf({ ...firstCursor, file: position.file + 1 }));
    return true;
  };

  try {
    while (position.file < plan.files.length) {
      if (clock.now() >= stopAt || !(await readFile())) {
        await store();
        return false;
      }
    }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    // What is whole so far need not be read again.
    const isUsable = error.retry === 'later' && error.code !== 'FILE_CHANGED' && error.code !== 'FILE_MISCOUNTED';
    if (isUsable && builder.count > 0) await store();
    throw new ImportError(
      error.code,
      `File ${position.file + 1} of ${plan.files.length}: ${error.cause}`,
      error.retryAfter,
    );
  }
  await store();
  return true;
};
