import { fileInMemory } from '../../test/support/in-memory-data-set.ts';
import { createRandom, pick, type Random } from '../../test/support/mutate-line.ts';
import { mutatedFile } from '../../test/support/mutated-file.ts';
import { takeLines } from '../../test/support/take-lines.ts';
import { type Experiment, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';

const zones = ['Europe/Copenhagen', 'America/St_Johns', 'Pacific/Apia', 'UTC', 'America/Havana'];
const linesOfFile = 120;

/** Few files come in a few bytes at a time: these take long. */
const drawChunkBytes = (random: Random): number =>
  random() < 1 / 30 ? 1 + Math.floor(random() * 100) : 200 + Math.floor(random() ** 3 * 60_000);

const compare = async (lines: number, seed: number): Promise<readonly Figure[]> => {
  const seen = { lines: 0, scanned: 0, taken: 0, rejected: 0, failed: 0, differences: 0 };
  for (let at = 0; seen.lines < lines; at += 1) {
    const random = createRandom(seed + at * 7919);
    const content = mutatedFile(seed + at, linesOfFile, random);
    const file = fileInMemory('a.ndjson', content, {}, drawChunkBytes(random));
    const options = {
      timeZone: pick(random, zones),
      tolerated: pick(random, [0, 5, 1000, 1000, 1000, 1000]),
    };
    const plain = await takeLines(file, { ...options, scan: false });
    const scanned = await takeLines(file, { ...options, scan: true });
    seen.lines += plain.parsed;
    seen.scanned += plain.parsed - scanned.parsed;
    seen.taken += plain.taken.episodes;
    seen.rejected += plain.taken.rejected.count;
    seen.failed += 'code' in plain.taken.read ? 1 : 0;
    if (JSON.stringify(scanned.taken) === JSON.stringify(plain.taken)) continue;
    seen.differences += 1;
    console.log(`different: file ${at} of --seed ${seed}`);
  }
  return Object.entries(seen).map(([name, count]) => figure(name, '', [count]));
};

/** Does the scanner find what JSON.parse finds? */
export const equality: Experiment = {
  question: 'Of lines invented and then changed or damaged: does the scanner take in and reject what JSON.parse does?',
  options: { lines: { type: 'string', default: '200000' }, seed: { type: 'string', default: '1' } },
  optionLines: ['  --lines  how many', '  --seed   equal seeds give equal lines'],
  run: (call) => compare(call.isQuick ? 10_000 : readWholeOption(call, 'lines'), readWholeOption(call, 'seed')),
};
