import { findActiveDays } from '../../episodes/active-days.ts';
import { type ByteText, encodeText } from '../../episodes/byte-text.ts';
import { type Rejection, readEpisode } from '../../episodes/episode-of-care.ts';
import type { Instant } from '../../episodes/fhir-date-time.ts';
import type { Line, LineScanner } from '../../episodes/line-splitter.ts';
import { createActiveDaysScanner } from '../../episodes/scan-active-days.ts';
import { createFastEpisodeScanner } from '../../episodes/scan-alike.ts';
import type { SeenIds } from '../../episodes/seen-ids.ts';
import { unusual } from '../../episodes/skip-json.ts';
import type { TimeZone } from '../../episodes/time-zone.ts';
import { ServiceError } from '../../platform/service-error.ts';
import type { ActiveRuns } from './active-runs.ts';
import type { RejectedLines } from './rejected-lines.ts';

/** What is needed to take in lines, and where they go. */
export interface Intake {
  readonly zone: TimeZone;
  readonly cutOff: Instant;
  readonly runs: ActiveRuns;
  readonly ids: SeenIds;
  readonly rejected: RejectedLines;
}

/** Takes in the lines of one file after another. */
export interface EpisodeTaker extends LineScanner {
  /** Takes in a line by `JSON.parse`. */
  visit(line: Line): void;
  /** Begins with a file. */
  begin(file: string): void;
  /** How many of the file's lines became part of the statistic. */
  readonly episodes: number;
  /** How many lines of all files could not be scanned and were read by `JSON.parse`. */
  readonly parsed: number;
}

/** A patient and the runs of days on which one of its episodes was active. */
interface PatientRuns {
  readonly id: string | undefined;
  readonly patient: string;
  readonly runs: readonly number[];
}

/** The plain way, which decides what counts and why a line is rejected. */
const readRuns = (line: Uint8Array, { zone, cutOff }: Intake): PatientRuns | Rejection => {
  const episode = readEpisode(line);
  if (typeof episode === 'string') return episode;
  const all: number[] = [];
  for (const interval of episode.intervals) {
    const runs = findActiveDays(interval, zone, cutOff);
    if (typeof runs === 'string') return runs;
    all.push(...runs);
  }
  return { id: episode.id, patient: episode.patient, runs: all };
};

/** A last line without line break that is not even JSON was cut off; that is never tolerated (rule 8). */
const requireEnded = (file: string, { number, isEnded }: Line, reason: Rejection): void => {
  if (isEnded || (reason !== 'not JSON' && reason !== 'not UTF-8')) return;
  const cause = `${file} line ${number}: ${reason} and without line break, so the file was cut off`;
  throw new ServiceError('DATA_SET_INCOMPLETE', { cause });
};

/**
 * Takes in episodes: those that the scanner understands, which is nearly all, where they lie; the others by {@link readRuns}. Both ways have the
 * same outcome. A rejected line leaves nothing behind.
 */
export const createEpisodeTaker = (intake: Intake): EpisodeTaker => {
  const { runs, ids, rejected } = intake;
  const scanner = createFastEpisodeScanner();
  const days = createActiveDaysScanner(intake.zone, intake.cutOff);
  let file = '';
  let scanned: ByteText | undefined;
  let length = 0;
  /** An export has each resource once. Two of one id are two states of it, or two exports: which of them counts, nobody can say. */
  const isNew = (text: ByteText, from: number, to: number, line: number): boolean => {
    if (ids.add(text, from, to)) return true;
    rejected.add({ file, line, reason: 'id of an earlier line' });
    return false;
  };
  const taker: EpisodeTaker & { episodes: number; parsed: number } = {
    episodes: 0,
    parsed: 0,
    begin(name) {
      file = name;
      taker.episodes = 0;
    },
    scan(text, from) {
      const to = scanner.scan(text, from);
      if (to === unusual) return unusual;
      scanned = text;
      length = days.read(text, scanner.episode);
      return length === unusual ? unusual : to;
    },
    take(number) {
      const { id, patient } = scanner.episode;
      if (scanned === undefined || (id.from !== unusual && !isNew(scanned, id.from, id.to, number))) return;
      const numberOfPatient = runs.patientAt(scanned, patient.from, patient.to);
      for (let at = 0; at < length; at += 2) runs.add(numberOfPatient, days.runs[at] ?? 0, days.runs[at + 1] ?? 0);
      taker.episodes += 1;
    },
    visit(line) {
      taker.parsed += 1;
      const read = readRuns(line.bytes, intake);
      if (typeof read === 'string') {
        requireEnded(file, line, read);
        rejected.add({ file, line: line.number, reason: read });
        return;
      }
      const id = read.id === undefined ? undefined : encodeText(read.id);
      if (id !== undefined && !isNew(id.text, 0, id.to, line.number)) return;
      const patient = encodeText(read.patient);
      const numberOfPatient = runs.patientAt(patient.text, 0, patient.to);
      for (let at = 0; at < read.runs.length; at += 2) {
        runs.add(numberOfPatient, read.runs[at] ?? 0, read.runs[at + 1] ?? 0);
      }
      taker.episodes += 1;
    },
  };
  return taker;
};
