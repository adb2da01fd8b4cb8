import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { readArguments, runCommand } from '../local/command-line.ts';
import { readNumberOption, readWholeOption } from '../local/number-option.ts';
import type { BalanceRow } from './soak/balance.ts';
import { createSoakClient, type SoakClient } from './soak/client.ts';
import { describeLog, describeMemory, describeRun } from './soak/describe-run.ts';
import { type Ledger, openLedger } from './soak/ledger.ts';
import { makeLoad } from './soak/load.ts';
import { readAgain, settle, waitUntilQuiet } from './soak/settle.ts';
import { type Stage, startStage } from './soak/stage.ts';
import { watchCores } from './soak/watch-cores.ts';

const usage = `npm run soak -- [--minutes 1] [--rate 10] [--kill-every 20] [--workers 2] [--clients 50]

Orders, reads and deletes reports on this machine while workers are killed, and compares in the end what clients were told with
what the stores hold. Exit code 1 when that does not match. Ctrl-C ends the load early.
  --minutes M     how long load is made, 0.1 to 120
  --rate R        orders a second, 0.1 to 500
  --kill-every S  seconds between two kills, on average; 0 for none
  --workers N     worker processes, 1 to 16
  --clients N     the most orders that are followed at the same time, 1 to 1000; beyond, no new one is placed`;

interface Plan {
  readonly seconds: number;
  readonly rate: number;
  readonly killEvery: number;
  readonly workers: number;
  readonly clients: number;
}

const readPlan = (): Plan => {
  const { values } = readArguments({
    minutes: { type: 'string', default: '1' },
    rate: { type: 'string', default: '10' },
    'kill-every': { type: 'string', default: '20' },
    workers: { type: 'string', default: '2' },
    clients: { type: 'string', default: '50' },
  });
  return {
    seconds: readNumberOption('minutes', values.minutes, 0.1, 120) * 60,
    rate: readNumberOption('rate', values.rate, 0.1, 500),
    killEvery: readNumberOption('kill-every', values['kill-every'], 0, 3600),
    workers: readWholeOption('workers', values.workers, 1, 16),
    clients: readWholeOption('clients', values.clients, 1, 1000),
  };
};

/** Kills a worker at random moments until the signal comes. */
const killWorkers = async ({ workers }: Stage, every: number, signal: AbortSignal): Promise<void> => {
  while (every > 0 && !signal.aborted) {
    await delay((0.5 + Math.random()) * every * 1000, undefined, { signal }).catch(() => {});
    if (!signal.aborted) workers.kill();
  }
};

const printRows = (title: string, rows: readonly BalanceRow[]): void => {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 75 - title.length))}\n`);
  for (const { label, value, isOff } of rows) console.log(`${isOff ? '✗' : ' '} ${label.padEnd(66)} ${value}`);
};

const createClients = ({ api }: Stage, ledger: Ledger, isOver: () => boolean): readonly SoakClient[] =>
  Object.entries(api.tokens).flatMap(([tenant, tokens]) =>
    Object.entries(tokens).map(([user, token]) =>
      createSoakClient({ baseUrl: api.baseUrl, token, tenant, user }, ledger, isOver),
    ),
  );

/** The load: at its middle a data set is replaced, and at its end nobody is killed any more. */
const runLoad = async (stage: Stage, plan: Plan, clients: readonly SoakClient[], over: AbortController) => {
  const { seconds, rate, killEvery } = plan;
  const replaced = delay(seconds * 500, undefined, { signal: over.signal }).then(
    () => stage.replaceDataSet('demo', 7).then(() => 2),
    () => 1,
  );
  const begun = performance.now();
  const readCores = watchCores();
  const killing = killWorkers(stage, killEvery, over.signal);
  const load = await makeLoad({ clients, rate, seconds, mostUnderWay: plan.clients, signal: over.signal });
  over.abort();
  const measured = { loadSeconds: (performance.now() - begun) / 1000, busy: readCores() };
  await Promise.all([killing, load.finished]);
  return { ...load, ...measured, dataSets: { demo: await replaced, other: 1 } };
};

const run = async (stage: Stage, plan: Plan, over: AbortController): Promise<boolean> => {
  const ledger = openLedger();
  const clients = createClients(stage, ledger, () => over.signal.aborted);
  const begun = performance.now();
  const showProgress = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    console.log(
      `${seconds} s: ${ledger.orders.size} orders, ${stage.workers.kills} kills, ${ledger.surprises.size} surprises, load ${loadavg()[0]?.toFixed(1)}`,
    );
  }, 10_000);
  const load = await runLoad(stage, plan, clients, over);
  await waitUntilQuiet(stage);
  clearInterval(showProgress);
  const readInTheEnd = await readAgain(clients, ledger);
  const { rows, jobs } = await settle(stage, ledger, load.dataSets);
  const memory = describeMemory(stage.memory, load.loadSeconds);
  const made = `${load.begun} in ${load.loadSeconds.toFixed(0)} s, ${load.leftOut} left out; ${readInTheEnd} read again in the end`;
  const cores = {
    label: 'cores busy (everything on this machine)',
    value: `${(load.busy * 100).toFixed(0)} %`,
    isOff: false,
  };
  printRows('The run', [
    { label: 'stories', value: made, isOff: false },
    cores,
    ...describeRun(ledger, jobs, stage.workers),
  ]);
  printRows('Warnings and errors of api and dispatcher', describeLog(stage.apiLog));
  printRows('Memory', memory);
  printRows('The balance', rows);
  return ![...rows, ...memory].some(({ isOff }) => isOff);
};

await runCommand(usage, async () => {
  const plan = readPlan();
  const over = new AbortController();
  process.once('SIGINT', () => {
    console.log('\nThe load ends here; the balance follows. Ctrl-C once more ends at once.');
    over.abort();
    process.once('SIGINT', () => process.exit(130));
  });
  console.log(`${plan.seconds} s of ${plan.rate} orders a second, ${plan.workers} workers, on ${cpus().length} cores`);
  const stage = await startStage(plan.workers);
  try {
    const isEven = await run(stage, plan, over);
    console.log(isEven ? '\nThe balance is even.' : '\nThe balance is off.');
    if (!isEven) process.exitCode = 1;
  } finally {
    await stage.stop();
  }
});
