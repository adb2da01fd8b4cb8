import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type StandIn, startStandIn } from '../cold/stand-in.ts';
import { ablations, buildPrograms, buildVariant } from '../cold/variants.ts';
import { type Experiment, type ExperimentCall, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { interleave, type Measure } from '../harness/interleave.ts';
import { runMeasured } from '../harness/run-measured.ts';
import { checkItself } from '../harness/self-check.ts';
import { divideByRound } from '../harness/summary.ts';
import type { Usage } from '../harness/usage.ts';

/** One start of a process to the end of its first call, as the program of `bench/cold/lambda-runtime.ts` reports it. */
interface ColdStart extends Usage {
  readonly initCpuMillis: number;
  readonly firstCallMillis: number;
  readonly undici: number;
}

/** How far a bare process may be from itself. */
const tolerance = 0.1;

const coldStart =
  ({ folder, eventFile, environment }: StandIn, handler: string, own: Readonly<Record<string, string>> = {}) =>
  (): Promise<ColdStart> =>
    runMeasured<ColdStart>({
      file: join(folder, 'lambda-runtime.mjs'),
      arguments: [handler, eventFile],
      environment: { ...environment, ...own },
    });

/** What is compared: bare twice, functions that only call, the api, and what else was asked for. */
const assemble = async (standIn: StandIn, call: ExperimentCall): Promise<Record<string, Measure<ColdStart>>> => {
  const { folder, urls } = standIn;
  const { dynamodb, issuer, s3, sqs, logs } = urls;
  await buildPrograms(folder);
  const bare = coldStart(standIn, join(folder, 'bare-handler.mjs'));
  const calls = (...addresses: readonly string[]) =>
    coldStart(standIn, join(folder, 'https-calls-handler.mjs'), { PEER_URLS: addresses.join(' ') });
  const things: Record<string, Measure<ColdStart>> = {
    bare,
    'three-calls': calls(dynamodb, s3, sqs),
    'same-calls': calls(dynamodb, issuer, dynamodb, dynamodb, sqs, logs),
    api: coldStart(standIn, await buildVariant('api', {}, folder)),
  };
  const asked = call.option('ablations') === 'yes' ? Object.keys(ablations) : ['plain'];
  for (const name of call.isQuick ? [] : asked) {
    things[name] = coldStart(standIn, await buildVariant(name, ablations[name] ?? {}, folder));
  }
  const beside = call.option('beside');
  if (beside !== '') things['beside'] = coldStart(standIn, resolve(beside));
  return { ...things, 'bare-again': bare };
};

const toFigures = (runs: Readonly<Record<string, readonly ColdStart[]>>): readonly Figure[] => {
  const of = (name: string, what: keyof ColdStart) => (runs[name] ?? []).map((run) => run[what]);
  const cpu = (name: string) => of(name, 'cpuMillis');
  const doubt = checkItself(cpu('bare'), cpu('bare-again'), tolerance);
  const names = Object.keys(runs);
  return [
    figure('undici-modules', '', [Math.max(...of('api', 'undici'))]),
    figure('cpu-ratio', '× bare', divideByRound(cpu('api'), cpu('bare')), doubt),
    figure('cpu-over-calls', '× same-calls', divideByRound(cpu('api'), cpu('same-calls')), doubt),
    ...names.map((name) => figure(`${name}: ratio`, '× bare', divideByRound(cpu(name), cpu('bare')), doubt)),
    ...names.map((name) => figure(`${name}: cpu`, 'ms', cpu(name))),
    ...names.map((name) => figure(`${name}: cpu of init`, 'ms', of(name, 'initCpuMillis'))),
    ...names.map((name) => figure(`${name}: first call, wall`, 'ms', of(name, 'firstCallMillis'))),
  ];
};

const run = async (call: ExperimentCall): Promise<readonly Figure[]> => {
  const standIn = await startStandIn();
  try {
    const things = await assemble(standIn, call);
    const runs = await interleave(things, call.isQuick ? 5 : readWholeOption(call, 'rounds'), 1);
    const code = await readFile(join(standIn.folder, 'api', 'handler.mjs'));
    return [
      figure('bundle-bytes', 'B', [code.length]),
      figure('bundle-gzip-bytes', 'B', [gzipSync(code, { level: 9 }).length]),
      ...toFigures(runs),
    ];
  } finally {
    await standIn.stop();
  }
};

/** What does a cold start cost? */
export const cold: Experiment = {
  question: 'What does a container of the api cost from the start of its process to the end of its first order?',
  options: {
    rounds: { type: 'string', default: '15' },
    ablations: { type: 'string', default: 'no' },
    beside: { type: 'string', default: '' },
  },
  optionLines: [
    '  --rounds     how often each is started',
    '  --ablations  yes: the api with each measure taken back, too',
    '  --beside     path of another bundle of the api, of another commit for instance, to be measured in the same run',
  ],
  run,
};
