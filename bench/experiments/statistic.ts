import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from '../harness/bundle-program.ts';
import { type Experiment, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { interleave } from '../harness/interleave.ts';
import { runMeasured } from '../harness/run-measured.ts';
import { checkItself } from '../harness/self-check.ts';
import { divideByRound } from '../harness/summary.ts';
import type { Findings } from '../statistic/counts.ts';
import { writeEpisodes } from '../statistic/write-episodes.ts';

/** How far the scanner may be from itself for the run to judge. */
const tolerance = 0.12;

/** All that summarise one data set have to come to the same months. */
const requireEqualCounts = (runs: Readonly<Record<string, readonly Findings[]>>): void => {
  const answers = Object.entries(runs).flatMap(([name, of]) =>
    of.flatMap(({ result }) => (typeof result === 'number' ? [] : [{ name, counts: JSON.stringify(result) }])),
  );
  const [first] = answers;
  const other = answers.find(({ counts }) => counts !== first?.counts);
  if (other !== undefined) throw new Error(`${first?.name} and ${other.name} count differently`);
};

/** The obvious SQL gets a tenth of the data: of all of it, it would take some ten gigabytes of memory. */
const measure = async (folder: string, episodes: number, rounds: number) => {
  const [summarise, query] = [join(folder, 'summarise.mjs'), 'bench/statistic/query-duckdb.ts'];
  await bundleProgram('bench/statistic/summarise.ts', summarise);
  const [plain, packed] = [join(folder, 'episodes.ndjson'), join(folder, 'episodes.ndjson.gz')];
  for (const path of [plain, packed]) await writeEpisodes(path, episodes);
  const tenth = join(folder, 'tenth.ndjson');
  await writeEpisodes(tenth, Math.ceil(episodes / 10));
  const run = (file: string, way: string, path: string) => () =>
    runMeasured<Findings>({ file, arguments: [way, path] });
  const things = {
    stream: run(summarise, 'stream', plain),
    scan: run(summarise, 'scan', plain),
    tuned: run(query, 'tuned', plain),
    digest: run(summarise, 'digest', plain),
    scanAgain: run(summarise, 'scan', plain),
    packed: run(summarise, 'scan', packed),
    parse: run(summarise, 'parse', plain),
    scanTenth: run(summarise, 'scan', tenth),
    obviousTenth: run(query, 'obvious', tenth),
  };
  const runs = await interleave(things, rounds);
  const { scanTenth, obviousTenth, ...whole } = runs;
  requireEqualCounts(whole);
  requireEqualCounts({ scanTenth, obviousTenth });
  return runs;
};

const describe = (runs: Awaited<ReturnType<typeof measure>>): readonly Figure[] => {
  const work = (name: keyof typeof runs): readonly number[] => runs[name].map(({ workMillis }) => workMillis);
  const wall = (name: keyof typeof runs): readonly number[] => runs[name].map(({ workWallMillis }) => workWallMillis);
  const peak = (name: keyof typeof runs): readonly number[] => runs[name].map(({ peakMegabytes }) => peakMegabytes);
  const doubt = checkItself(work('scan'), work('scanAgain'), tolerance);
  const ratio = (name: string, one: keyof typeof runs, other: keyof typeof runs): Figure =>
    figure(name, '×', divideByRound(work(one), work(other)), doubt);
  return [
    ratio('tuned-sql-to-scan', 'tuned', 'scan'),
    ratio('obvious-sql-to-scan', 'obviousTenth', 'scanTenth'),
    ratio('parse-to-scan', 'parse', 'scan'),
    ratio('scan-to-stream', 'scan', 'stream'),
    ratio('scan-to-digest', 'scan', 'digest'),
    ratio('packed-to-plain', 'packed', 'scan'),
    figure('packed-to-plain-by-clock', '×', divideByRound(wall('packed'), wall('scan')), doubt),
    ...Object.keys(runs).map((name) => figure(`${name}-cpu`, 'ms', work(name as keyof typeof runs))),
    ...Object.keys(runs).map((name) => figure(`${name}-peak`, 'MB', peak(name as keyof typeof runs))),
  ];
};

/** What does the statistic cost beside its peers? */
export const statistic: Experiment = {
  question: 'What does the statistic of a million episodes cost beside reading the bytes, JSON.parse and DuckDB?',
  options: { episodes: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } },
  optionLines: ['  --episodes  how many', '  --rounds    how often each is measured, after one that is thrown away'],
  async run(call) {
    const folder = await mkdtemp(join(tmpdir(), 'statistic-'));
    try {
      const episodes = call.isQuick ? 100_000 : readWholeOption(call, 'episodes');
      return describe(await measure(folder, episodes, call.isQuick ? 3 : readWholeOption(call, 'rounds')));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
