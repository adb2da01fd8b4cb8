import { readArguments, runCommand, UsageError } from '../local/command-line.ts';
import { experiments } from './experiments.ts';
import { describeMachine, describeResults } from './harness/describe-results.ts';
import type { Experiment } from './harness/experiment.ts';
import { judge, readGates } from './harness/gates.ts';

const usage = `npm run bench -- <experiment> [--quick] [its own options]

Measures, and judges the figures by bench/gates.json. Exit code 1 when a gate is missed, 3 when the run cannot say (in a quick run: 0).
  --quick  a minute at most, with the margins that the gates have for that
Experiments: ${Object.keys(experiments).join(', ')}. Their own options: npm run bench -- <experiment> --help`;

const describeExperiment = (name: string, { question, options = {}, optionLines = [] }: Experiment): string => {
  const calls = Object.entries(options).map(([option, { default: value }]) => ` [--${option} ${value}]`);
  return [`npm run bench -- ${name} [--quick]${calls.join('')}`, '', question, ...optionLines].join('\n');
};

/** Measures one experiment, prints its table, and sets the exit code. */
const runExperiment = async (name: string, experiment: Experiment): Promise<void> => {
  const flags = { quick: { type: 'boolean', default: false } } as const;
  const { values, positionals } = readArguments({ ...experiment.options, ...flags }, true);
  if (positionals.length > 1) throw new UsageError(`one experiment at a time, not also ${positionals[1]}`);
  const isQuick = values.quick === true;
  const gates = readGates(name);
  console.log(`${name}${isQuick ? ', quick' : ''}: ${experiment.question}\n${describeMachine()}\n`);
  const own = values as Readonly<Record<string, unknown>>;
  const figures = await experiment.run({ isQuick, option: (option) => String(own[option]) });
  const judgements = judge(figures, gates, isQuick);
  console.log(`\n${describeResults(judgements)}`);
  if (judgements.some(({ verdict }) => verdict === 'missed')) process.exitCode = 1;
  else if (!isQuick && judgements.some(({ verdict }) => verdict === 'withheld')) process.exitCode = 3;
};

const name = process.argv[2] ?? '';
const experiment = Object.hasOwn(experiments, name) ? await experiments[name]?.() : undefined;

await runCommand(experiment === undefined ? usage : describeExperiment(name, experiment), async () => {
  if (experiment === undefined) {
    throw new UsageError(name === '' ? 'name an experiment' : `no experiment is called ${name}`);
  }
  await runExperiment(name, experiment);
});
