import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAsApi } from '../harness/bundle-as-api.ts';
import { type Experiment, type ExperimentCall, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { endProcess, firstMessage, startProcess } from '../harness/helper-process.ts';
import { runMeasured } from '../harness/run-measured.ts';
import { checkItself } from '../harness/self-check.ts';
import { divideByRound } from '../harness/summary.ts';
import { latencies } from '../order/latencies.ts';
import type { OrderFindings } from '../order/order-program.ts';

/** How far an order may be from itself. */
const tolerance = 0.05;

/** The api's settings and the SDK's, with every service at one address. */
const environmentOf = (url: string): Readonly<Record<string, string>> => ({
  PATH: process.env['PATH'] ?? '',
  AWS_REGION: 'eu-north-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL: url,
  STAGE: 'bench',
  JOBS_TABLE: 'jobs',
  TENANTS_TABLE: 'tenants',
  CONTENT_BUCKET: 'content',
  DATA_BUCKET: 'data',
  REPORT_QUEUE_URL: `${url}/000000000000/reports`,
  AUDIT_LOG_GROUP: 'audit',
  AUDIT_LOG_STREAM: 'events',
  BASE_URL: 'https://reporting.example/fhir',
});

const describe = (name: string, { all, path }: OrderFindings['calls']['now']): void =>
  console.log(`${name}: ${all} calls; the longest path is ${path.calls.join(' → ')}, ${path.latency} ms`);

const toFigures = ({ millis, calls, cpuRatio }: OrderFindings): readonly Figure[] => {
  const { bare, now, before, again } = millis;
  const doubt = checkItself(now, again, tolerance);
  const over = (values: readonly number[], { path }: OrderFindings['calls']['now']) =>
    values.map((value) => value / path.latency);
  return [
    figure('calls', '', [calls.now.all]),
    figure('sequential-calls', '', [calls.now.path.calls.length]),
    figure('over-critical-path', '×', over(now, calls.now), doubt),
    figure('over-bare-calls', '×', divideByRound(now, bare), doubt),
    figure('cpu-over-verify', '× RSA-2048 verify', cpuRatio),
    figure('before: over-critical-path', '×', over(before, calls.before), doubt),
    figure('now over before', '×', divideByRound(now, before), doubt),
    figure('now', 'ms', now),
    figure('before', 'ms', before),
    figure('bare calls', 'ms', bare),
  ];
};

const run = async (call: ExperimentCall): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'order-'));
  const child = startProcess(new URL('../order/stand-in-process.ts', import.meta.url), {});
  try {
    const { url } = await firstMessage<{ readonly url: string }>(child);
    const rounds = call.isQuick ? 7 : readWholeOption(call, 'rounds');
    const findings = await runMeasured<OrderFindings>({
      file: await bundleAsApi('bench/order/order-program.ts', folder),
      arguments: [url, String(rounds), String(call.isQuick ? 30 : readWholeOption(call, 'orders'))],
      environment: environmentOf(url),
    });
    const told = Object.entries(latencies).map(([service, millis]) => `${service} ${millis}`);
    console.log(`Services answer after so many ms: ${told.join(', ')}`);
    describe('now', findings.calls.now);
    describe('before', findings.calls.before);
    return toFigures(findings);
  } finally {
    await endProcess(child, 'SIGKILL');
    await rm(folder, { recursive: true });
  }
};

/** What does an order take beyond what it waits for? */
export const order: Experiment = {
  question: 'What does an order take, of one container, beyond the calls that it has to wait for?',
  options: { rounds: { type: 'string', default: '15' }, orders: { type: 'string', default: '60' } },
  optionLines: ['  --rounds     how many medians of each variant', '  --orders     how many orders make a median'],
  run,
};
