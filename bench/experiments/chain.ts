import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { createThings } from '../chain/things.ts';
import { bundleAsApi } from '../harness/bundle-as-api.ts';
import { type Experiment, type ExperimentCall, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { interleave } from '../harness/interleave.ts';
import { checkItself } from '../harness/self-check.ts';
import { divideByRound } from '../harness/summary.ts';
import { measureCpu } from '../harness/usage.ts';

/** Rounds before the first that counts: thousands of orders, so that the code is as fast as it gets. */
const warmUps = 5;

/** How far the raw verification may be from itself. */
const tolerance = 0.1;

/** The things as they are deployed: from a bundle that is made as the api's is. */
const bundleThings = async (): Promise<ReturnType<typeof createThings>> => {
  const outdir = await mkdtemp(join(tmpdir(), 'chain-'));
  try {
    const file = await bundleAsApi('bench/chain/things.ts', outdir);
    const bundle: { readonly createThings: typeof createThings } = await import(pathToFileURL(file).href);
    return bundle.createThings();
  } finally {
    await rm(outdir, { recursive: true });
  }
};

/** Processor time of one of many, in µs. */
const measureEach = (times: number, run: () => unknown) => async () => {
  const spent = await measureCpu(async () => {
    for (let index = 0; index < times; index += 1) await run();
  });
  return (spent * 1000) / times;
};

const run = async (call: ExperimentCall): Promise<readonly Figure[]> => {
  const { raw, token, chain } = await bundleThings();
  const [rounds, times] = call.isQuick ? [5, 500] : [readWholeOption(call, 'rounds'), 2000];
  const things = {
    raw: measureEach(times, raw),
    token: measureEach(times, token),
    chain: measureEach(times, chain),
    again: measureEach(times, raw),
  };
  const costs = await interleave(things, rounds, warmUps);
  const doubt = checkItself(costs.raw, costs.again, tolerance);
  return [
    figure('chain-ratio', '× raw', divideByRound(costs.chain, costs.raw), doubt),
    figure('token-ratio', '× raw', divideByRound(costs.token, costs.raw), doubt),
    figure('raw', 'µs', costs.raw),
    figure('token', 'µs', costs.token),
    figure('chain', 'µs', costs.chain),
  ];
};

/** What does an order cost that waits for nothing? */
export const chain: Experiment = {
  question:
    "What processor time does an order take without any network, against verifying its token's signature alone?",
  options: { rounds: { type: 'string', default: '15' } },
  optionLines: ['  --rounds  how often each is measured'],
  run,
};
