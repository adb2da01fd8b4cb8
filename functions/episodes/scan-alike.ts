import type { ByteText } from './byte-text.ts';
import { createKnownShapes, mostStrings } from './known-shapes.ts';
import {
  createEpisodeScanner,
  type EpisodeScanner,
  isDecisive,
  mostIntervals,
  readPatient,
  type ScannedEpisode,
} from './scan-episode.ts';
import { unusual } from './skip-json.ts';
import { createName, createSpan, isName, type Span } from './walk-json.ts';

/** Which of the strings of a shape is what; {@link mostStrings}, where nothing ever stands, for what is not there. */
interface Roles {
  readonly id: number;
  readonly patient: number;
  /** Of each interval the start and the end. */
  readonly dates: Uint16Array;
}

const copySpan = (to: Span, from: Readonly<Span>): void => {
  to.from = from.from;
  to.to = from.to;
};

/** @param strings where they begin @returns nothing where one that is wanted is part of the shape: an id, say, that reads like a status */
const findRoles = (episode: ScannedEpisode, strings: readonly number[]): Roles | undefined => {
  const numberOf = (from: number): number => (from === unusual ? mostStrings : strings.indexOf(from));
  const [id, patient] = [numberOf(episode.id.from), numberOf(episode.patient.from)];
  const dates = Array.from({ length: 2 * episode.intervals }, (_, at) => numberOf(episode.dates[2 * at] ?? unusual));
  return [id, patient, ...dates].includes(-1) ? undefined : { id, patient, dates: Uint16Array.from(dates) };
};

const definition = '/StructureDefinition/';
const urlMember = createName('"url":"');

/** An extension's `url` says what it is, as a key does; so does the address of a profile. */
const isDefinition = (text: ByteText, from: number, to: number): boolean =>
  (from >= urlMember.length && isName(text, from - urlMember.length, urlMember)) ||
  text.bytes.subarray(from, to).includes(definition);

/** What decides and what defines is part of a line's shape; of a reference what stands before the id. */
const countShared = (text: ByteText, from: number, to: number): number => {
  if (isDecisive(text, from, to) || isDefinition(text, from, to)) return to + 1 - from;
  const string = text.bytes.subarray(from, to);
  const version = string.indexOf('/_history/');
  return string.subarray(0, version === -1 ? string.length : version).lastIndexOf('/') + 1;
};

/**
 * A scanner that remembers the shapes of the lines that it has scanned: one whose keys, statuses and punctuation are those of an earlier
 * line only has to be compared with it. Servers write a few hundred shapes, so nearly all lines of an export are read like that.
 */
export const createFastEpisodeScanner = (): EpisodeScanner => {
  const scanner = createEpisodeScanner();
  const shapes = createKnownShapes<Roles>(countShared);
  const { strings } = shapes;
  const episode = { id: createSpan(), patient: createSpan(), intervals: 0, dates: new Int32Array(4 * mostIntervals) };
  const setSpan = (to: Span, string: number): void => {
    to.from = strings[2 * string] ?? unusual;
    to.to = strings[2 * string + 1] ?? unusual;
  };
  const assign = ({ id, patient, dates }: Roles): void => {
    setSpan(episode.id, id);
    setSpan(episode.patient, patient);
    episode.intervals = dates.length / 2;
    for (let at = 0; at < dates.length; at += 1) {
      const string = dates[at] ?? mostStrings;
      episode.dates[2 * at] = strings[2 * string] ?? unusual;
      episode.dates[2 * at + 1] = strings[2 * string + 1] ?? unusual;
    }
  };
  const copy = ({ id, patient, intervals, dates }: ScannedEpisode): void => {
    copySpan(episode.id, id);
    copySpan(episode.patient, patient);
    episode.intervals = intervals;
    episode.dates.set(dates);
  };
  return {
    episode,
    scan(text, from) {
      const roles = shapes.match(text, from);
      if (roles !== undefined) {
        assign(roles);
        return readPatient(text, episode.patient) ? shapes.lineFeed : unusual;
      }
      const to = scanner.scan(text, from);
      if (to === unusual) return unusual;
      copy(scanner.episode);
      shapes.learn(text, from, to, (starts) => findRoles(scanner.episode, starts));
      return to;
    },
  };
};
