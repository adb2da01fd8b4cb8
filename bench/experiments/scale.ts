import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from '../harness/bundle-program.ts';
import { type Experiment, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { interleave } from '../harness/interleave.ts';
import { runMeasured } from '../harness/run-measured.ts';
import { checkItself } from '../harness/self-check.ts';
import type { Findings } from '../statistic/counts.ts';
import { writeEpisodes } from '../statistic/write-episodes.ts';

const tolerance = 0.12;

/** Of what grows as a power of the size: that power, between two sizes. */
const exponents = (small: readonly number[], large: readonly number[], times: number): readonly number[] =>
  small.map((one, round) => Math.log((large[round] ?? Number.NaN) / one) / Math.log(times));

const measure = async (folder: string, sizes: readonly number[], rounds: number): Promise<readonly Figure[]> => {
  const program = join(folder, 'summarise.mjs');
  await bundleProgram('bench/statistic/summarise.ts', program);
  const run = (size: number) => () =>
    runMeasured<Findings>({ file: program, arguments: ['scan', join(folder, `${size}.ndjson`)] });
  for (const size of sizes) await writeEpisodes(join(folder, `${size}.ndjson`), size);
  const [smallest = 1, middle = 1, largest = 1] = sizes;
  const things = { smallest: run(smallest), middle: run(middle), largest: run(largest), middleAgain: run(middle) };
  const runs = await interleave(things, rounds);
  const work = (name: keyof typeof runs): readonly number[] => runs[name].map(({ workMillis }) => workMillis);
  const doubt = checkItself(work('middle'), work('middleAgain'), tolerance);
  const named = [
    { name: 'smallest', size: smallest },
    { name: 'middle', size: middle },
    { name: 'largest', size: largest },
  ] as const;
  return [
    figure('exponent', '', exponents(work('smallest'), work('largest'), largest / smallest), doubt),
    ...named.map(({ name }) =>
      figure(
        `peak-of-${name}`,
        'MB',
        runs[name].map(({ peakMegabytes }) => peakMegabytes),
      ),
    ),
    ...named.map(({ name, size }) =>
      figure(
        `cpu-per-episode-of-${name}`,
        'µs',
        work(name).map((millis) => (millis * 1000) / size),
      ),
    ),
  ];
};

/** How do time and memory of the statistic grow with its data set? */
export const scale: Experiment = {
  question: 'How do time and memory of the statistic grow from a hundred thousand episodes to one million and three?',
  options: { rounds: { type: 'string', default: '5' } },
  optionLines: ['  --rounds  how often each size is measured, after one that is thrown away'],
  async run(call) {
    const folder = await mkdtemp(join(tmpdir(), 'scale-'));
    const sizes = call.isQuick ? [30_000, 100_000, 300_000] : [100_000, 1_000_000, 3_000_000];
    try {
      return await measure(folder, sizes, call.isQuick ? 3 : readWholeOption(call, 'rounds'));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
