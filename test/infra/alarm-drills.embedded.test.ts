import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricNamespace, metrics } from '../../functions/platform/metrics.ts';
import { loadSample } from '../../local/sample-tenants.ts';
import { type Alarm, type Evaluation, evaluateAlarm } from '../support/alarm.ts';
import { type AlarmDrill, ownDrills } from '../support/alarm-drills.ts';
import { awsDrills } from '../support/aws-alarm-drills.ts';
import { type DrillBench, startDrillBench } from '../support/drill-bench.ts';
import { order } from '../support/drill-steps.ts';
import { readAlarms } from '../support/read-alarms.ts';

const minute = 60_000;
const hour = 60 * minute;
const alarms = readAlarms('local');
const drills: Readonly<Record<string, AlarmDrill>> = { ...ownDrills, ...awsDrills };
const rows: string[] = [];
let bench: DrillBench;

beforeAll(async () => {
  bench = await startDrillBench(Date.UTC(2026, 10, 28, 6));
  await recover();
});
afterAll(async () => {
  await bench.stop();
  if (process.env['SHOW_DRILLS'] !== undefined) process.stdout.write(`${rows.join('\n')}\n`);
});

/**
 * Long enough for everything that was before to be over and out of every alarm's periods; then all goes as it should, for as many minutes as
 * an alarm on silence looks back.
 */
const recover = async (drill?: AlarmDrill, minutes = 3): Promise<void> => {
  bench.serve();
  await drill?.heal?.(bench);
  bench.advance(25 * hour);
  await bench.tick();
  bench.advance(hour);
  await bench.clean();
  await bench.audit();
  await bench.import(() => bench.starts.importer());
  for (let ticks = 0; ticks < minutes; ticks += 1) {
    bench.advance(minute);
    await bench.tick();
  }
};

const evaluate = (alarm: Alarm): Evaluation => evaluateAlarm(alarm, bench.points, bench.now());

const show = ({ values }: Evaluation): string =>
  values.map((value) => (value === undefined ? '–' : Math.round(value))).join(' ');

const addRow = (alarm: Alarm, { fault }: AlarmDrill, before: Evaluation, after: Evaluation): void => {
  const metric = [...new Set(Object.values(alarm.queries).map(({ namespace, name }) => `${namespace} ${name}`))].join();
  const rule = `${alarm.comparison} ${alarm.threshold}, ${alarm.datapointsToAlarm} of ${alarm.evaluationPeriods}`;
  rows.push(
    `${alarm.id} | ${fault} | ${metric} | ${rule} | ${before.state}: ${show(before)} | ${after.state}: ${show(after)}`,
  );
};

test('every alarm has its drill, and every drill its alarm', () => {
  expect(Object.keys(drills).sort()).toEqual(alarms.map(({ id }) => id).sort());
});

describe('the expression of the template is false before its fault, true with it, and false again after', () => {
  test.each(alarms.map((alarm) => [alarm.id, alarm] as const))('%s', async (id, alarm) => {
    const drill = drills[id];
    if (drill === undefined) throw new Error('no drill');
    const before = evaluate(alarm);
    expect(before.state).not.toBe('ALARM');
    await drill.inject(bench);
    const after = evaluate(alarm);
    addRow(alarm, drill, before, after);
    expect(after.state).toBe('ALARM');
    await recover(drill, alarm.missing === 'breaching' ? 3 : 1);
    expect(evaluate(alarm).state).not.toBe('ALARM');
  });
});

test('every metric of the service was really emitted', async () => {
  // No drill has a data set, and so a report.
  const { clients, resources } = bench.service;
  const sample = { issuer: '', audience: '', episodes: 10, seed: 1 };
  await loadSample({ s3: clients.s3, bucket: resources.dataBucket }, 'demo', sample);
  await bench.work((await order(bench)).event);
  const emitted = new Set(bench.points.filter((point) => point.namespace === metricNamespace).map(({ name }) => name));
  expect(Object.keys(metrics).filter((name) => !emitted.has(name))).toEqual([]);
});
