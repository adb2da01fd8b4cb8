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
import { createSpan, type Span } from './walk-json.ts';

/** Which of the strings of a shape is what; the last place of all, where nothing ever stands, for what is not there. */
interface Roles {
  readonly id: number;
  readonly patient: number;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const copySpan = (to: Span, from: Readonly<Span> | undefined): void => {
  to.from = from?.from ?? unusual;
  to.to = from?.to ?? unusual;
};

/** The number of the string that begins at a position. */
const numberOf = (strings: readonly number[], from: number): number =>
  from === unusual ? mostStrings : strings.indexOf(from);

const findRoles = ({ id, patient, intervals, starts, ends }: ScannedEpisode, strings: readonly number[]): Roles => ({
  id: numberOf(strings, id.from),
  patient: numberOf(strings, patient.from),
  starts: starts.slice(0, intervals).map(({ from }) => numberOf(strings, from)),
  ends: ends.slice(0, intervals).map(({ from }) => numberOf(strings, from)),
});

/**
 * A scanner that remembers the shapes of the lines that it has scanned: one whose keys, statuses and punctuation are those of an earlier
 * line only has to be compared with it. Servers write a few hundred shapes, so nearly all lines of an export are read like that.
 */
export const createFastEpisodeScanner = (): EpisodeScanner => {
  const scanner = createEpisodeScanner();
  const shapes = createKnownShapes<Roles>(isDecisive);
  const places = () => Array.from({ length: mostIntervals }, createSpan);
  const episode = { id: createSpan(), patient: createSpan(), intervals: 0, starts: places(), ends: places() };
  const assign = ({ id, patient, starts, ends }: Roles): void => {
    copySpan(episode.id, shapes.strings[id]);
    copySpan(episode.patient, shapes.strings[patient]);
    episode.intervals = starts.length;
    for (let at = 0; at < starts.length; at += 1) {
      copySpan(episode.starts[at] ?? createSpan(), shapes.strings[starts[at] ?? mostStrings]);
      copySpan(episode.ends[at] ?? createSpan(), shapes.strings[ends[at] ?? mostStrings]);
    }
  };
  const copy = (scanned: ScannedEpisode): void => {
    copySpan(episode.id, scanned.id);
    copySpan(episode.patient, scanned.patient);
    episode.intervals = scanned.intervals;
    for (let at = 0; at < scanned.intervals; at += 1) {
      copySpan(episode.starts[at] ?? createSpan(), scanned.starts[at]);
      copySpan(episode.ends[at] ?? createSpan(), scanned.ends[at]);
    }
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
      shapes.learn(text, from, to, (strings) => findRoles(scanner.episode, strings));
      return to;
    },
  };
};
