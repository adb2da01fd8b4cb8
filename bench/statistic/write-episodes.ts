import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';

/** The data cut-off of all invented data sets here. */
export const cutOff = '2026-04-01T00:00:00Z';

/** Different episodes that are invented; beyond, they come again with other ids and patients. */
const inventedEpisodes = 20_000;
/** Patients for each episode: an episode has three in ten of its own. */
const patientsPerEpisode = 0.3;
const linesPerWrite = 1000;
/** More than any episode takes, plain. */
const mostBytes = 1600;

/** A line without its id and the number of its patient: what stands before, between and behind them. */
type Pieces = readonly [string, string, string];

const inventPieces = (count: number): readonly Pieces[] => {
  const pieces: Pieces[] = [];
  for (const line of generateEpisodes({ count, seed: 1, cutOff })) {
    const parts = /^(.*?"id":")\d+(".*"patient":\{"reference":"[^"]*\/)\d+(".*)$/.exec(line);
    if (parts === null) throw new Error('an invented episode has no id, or no patient');
    pieces.push([parts[1] ?? '', parts[2] ?? '', parts[3] ?? '']);
  }
  return pieces;
};

/** A number of a patient for a line, spread as a hash spreads. */
const patientOf = (line: number, patients: number): number =>
  ((Math.imul(line ^ (line >>> 15), 0x85ebca6b) ^ Math.imul(line, 0xc2b2ae35)) >>> 0) % patients;

/** Refuses to fill a disk. */
const requireRoom = async (path: string, count: number): Promise<void> => {
  const { bavail, bsize } = await statfs(dirname(path));
  const needed = count * mostBytes + 2 ** 30;
  if (bavail * bsize < needed)
    throw new Error(`${dirname(path)} has less than ${Math.ceil(needed / 2 ** 30)} GiB of room`);
};

/**
 * Writes invented episodes as NDJSON, as gzip where the path ends in `.gz`: in FUT's shape, some 1400 bytes each, 300 000 patients for a
 * million episodes. Equal counts give equal files.
 *
 * @throws Error when the disk has not room enough
 */
export const writeEpisodes = async (path: string, count: number): Promise<void> => {
  await requireRoom(path, count);
  const pieces = inventPieces(Math.min(count, inventedEpisodes));
  const patients = Math.max(1, Math.round(count * patientsPerEpisode));
  const lines = new PassThrough({ highWaterMark: 4 * 2 ** 20 });
  const packing = path.endsWith('.gz') ? [createGzip({ level: 6 })] : [];
  const written = pipeline([lines, ...packing, createWriteStream(path)]);
  for (let from = 0; from < count; from += linesPerWrite) {
    let text = '';
    for (let line = from; line < Math.min(count, from + linesPerWrite); line += 1) {
      const [before, between, behind] = pieces[line % pieces.length] ?? ['', '', ''];
      text += `${before}${100_000 + line}${between}${500_000 + patientOf(line, patients)}${behind}\n`;
    }
    if (!lines.write(text)) await once(lines, 'drain');
  }
  lines.end();
  await written;
};
