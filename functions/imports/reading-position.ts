import { createHash, type Hash } from 'node:crypto';
import type { Cursor, Stretch } from './import.ts';
import { ImportError } from './import-problem.ts';
import type { OpenFile } from './open-export-file.ts';

/** Where in the files the reading is. Ahead of the cursor in the record by what is not stored yet. */
export interface Position {
  file: number;
  offset: number;
  lines: number;
  stretches: Stretch[];
  /** Of the file as it is now. */
  validator: string | undefined;
  /** So many of the stretches are known to be of the file as it is now. */
  checked: number;
  stretch: Hash;
  stretchBytes: number;
}

/** The position that a cursor is for. */
export const positionOf = ({ file, offset, lines, stretches, validator, compared }: Cursor): Position => ({
  file,
  offset,
  lines,
  stretches: [...stretches],
  validator: compared?.validator ?? validator,
  checked: compared?.stretches ?? (validator === undefined ? 0 : stretches.length),
  stretch: createHash('sha256'),
  stretchBytes: 0,
});

const knownOf = ({ stretches, validator, checked }: Position): Pick<Cursor, 'validator' | 'compared'> => {
  if (validator === undefined) return {};
  return checked === stretches.length ? { validator } : { compared: { validator, stretches: checked } };
};

/** The cursor for a position of which everything is stored, and every stretch closed. */
export const cursorOf = (position: Position): Cursor => {
  const { file, offset, lines, stretches } = position;
  return { file, offset, lines, stretches: [...stretches], ...knownOf(position) };
};

/** Whether one cursor is further than another of the same plan: by what is stored, or by what is known to be of the file as it is now. */
export const isFurther = (one: Cursor, other: Cursor): boolean =>
  one.file !== other.file || one.offset !== other.offset || positionOf(one).checked > positionOf(other).checked;

/** Bytes from the file's beginning that are known to be of the file as it is now. */
export const checkedBytes = ({ stretches, checked }: Position): number =>
  stretches.slice(0, checked).reduce((sum, { bytes }) => sum + bytes, 0);

/** Ends the stretch that what was read last belongs to. */
export const closeStretch = (position: Position): void => {
  if (position.stretchBytes === 0) return;
  position.stretches.push({ bytes: position.stretchBytes, sha256: position.stretch.digest('hex') });
  position.checked = position.stretches.length;
  position.stretch = createHash('sha256');
  position.stretchBytes = 0;
};

/**
 * What comes after the bytes that are stored already. Those that come again are compared: what goes on has to be the same file. Gives a
 * chunk for each that comes, an empty one while nothing is new.
 *
 * @throws ImportError `FILE_CHANGED`
 */
export async function* skipStored({ chunks, from }: OpenFile, position: Position): AsyncGenerator<Uint8Array> {
  const changed = new ImportError('FILE_CHANGED', 'it is another one than when its reading was begun.');
  if (from === 0) position.checked = 0;
  const waiting = position.stretches.slice(position.checked);
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
      position.checked += 1;
      hash = createHash('sha256');
      left = waiting[0]?.bytes ?? 0;
    }
    yield chunk.subarray(at);
  }
  if (waiting.length > 0) throw changed;
}
