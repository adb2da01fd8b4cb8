import { generateEpisodes } from '../../local/synthetic-episodes.ts';
import { changeLine, mutateLine, pick, type Random } from './mutate-line.ts';

/** The data cut-off of what is invented here. */
export const mutatedCutOff = '2026-04-01T00:00:00Z';

/** Each invented episode comes so many times, with ids of its own, so that later lines have the shape of earlier ones. */
const copies = 4;

const copyLine = (line: string): readonly string[] =>
  Array.from({ length: copies }, (_, copy) => line.replace(/"id":"\d+/, `$&${copy}`));

/**
 * A file of invented episodes, most of them changed or damaged, half of them once and in the same way before they are copied and changed
 * further; with one or the other line break, and sometimes without the last one.
 */
export const mutatedFile = (seed: number, count: number, random: Random): Buffer => {
  const invented = generateEpisodes({ count: Math.ceil(count / copies), seed, cutOff: mutatedCutOff, years: 15 });
  const lines = [...invented].flatMap((line) =>
    copyLine(random() < 0.5 ? changeLine(line, random) : line).flatMap((one) => [
      mutateLine(Buffer.from(one), random),
      Buffer.from(pick(random, ['\n', '\n', '\n', '\r\n', '\n\n', '\n \n'])),
    ]),
  );
  const last = pick(random, [lines.length, lines.length, lines.length - 1]);
  return Buffer.concat([Buffer.from(pick(random, ['', '', '\ufeff'])), ...lines.slice(0, last)]);
};
