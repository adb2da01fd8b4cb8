import type { Clock } from '../platform/clock.ts';
import type { BulkDataClient } from './bulk-data-client.ts';
import { type DataSetFiles, importPrefix } from './data-set-files.ts';
import type { ImportGrip } from './import-grip.ts';
import { type ImportLimits, requireReadable } from './import-limits.ts';
import type { ImportPlan } from './import-plan.ts';
import { ImportError } from './import-problem.ts';
import { addSegment, firstCursor, moveCursor } from './import-transitions.ts';
import { createLineGate, type LineBlock } from './line-gate.ts';
import { type OpenFile, openExportFile } from './open-export-file.ts';
import { checkedBytes, closeStretch, cursorOf, isFurther, positionOf, skipStored } from './reading-position.ts';
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

const tooSlow = 'in the time of a run no more of it could be read than was stored before.';

/**
 * Reads the files of an export from where the record says, and stores their lines as segments: each first in the bucket, then in the
 * record, so that whatever is lost is read once more and nothing twice. Memory is that of one segment, compressed. A run whose time is up
 * and that has recorded nothing new has failed, or it would be repeated for ever.
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
    if (builder.count === 0) {
      if (isFurther(cursor, grip.import.cursor ?? firstCursor)) await grip.save((held) => moveCursor(held, cursor));
      return;
    }
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
    for await (const chunk of skipStored(opened, position)) {
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
    const wanted = { stored: position.offset, offset: checkedBytes(position), validator: position.validator };
    const opened = await openExportFile(dependencies, file, plan.requiresAccessToken, wanted, signal);
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
        if (grip.import.attempts > 0) throw new ImportError('FILE_SLOW', tooSlow);
        return false;
      }
    }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    // What is whole so far need not be read again.
    const isUsable = error.retry === 'later' && error.code !== 'FILE_CHANGED' && error.code !== 'FILE_MISCOUNTED';
    if (isUsable) await store();
    throw new ImportError(
      error.code,
      `File ${position.file + 1} of ${plan.files.length}: ${error.cause}`,
      error.retryAfter,
    );
  }
  await store();
  return true;
};
