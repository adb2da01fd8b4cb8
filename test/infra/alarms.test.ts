import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRoutes, type RouteDependencies } from '../../functions/api/routes.ts';
import { metrics } from '../../functions/platform/metrics.ts';
import { type Alarm, evaluateAlarm, type MetricQuery } from '../support/alarm.ts';
import { findMetricFaults, type MetricWorld } from '../support/check-metrics.ts';
import { findAlarms, findDashboardMetrics, readAlarmResources, readAlarms } from '../support/read-alarms.ts';
import { seedTemplateBugs } from '../support/seed-template-bugs.ts';
import { type PackagedTemplate, packageService } from './package-service.ts';

const routes = createRoutes({ baseUrl: 'https://reporting.example/fhir' } as RouteDependencies);
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
let template: PackagedTemplate;

beforeAll(async () => {
  template = await packageService();
});

const worldOf = (resources: PackagedTemplate): MetricWorld => ({
  resources,
  stage: 'prod',
  routes: [...routes.map(({ name }) => name), 'none'],
});
const queriesOf = (resources: PackagedTemplate): readonly MetricQuery[] => [
  ...findAlarms(resources).flatMap(({ queries }) => Object.values(queries)),
  ...findDashboardMetrics(resources),
];
const faultsOf = (resources: PackagedTemplate): string[] =>
  queriesOf(resources).flatMap((query) => findMetricFaults(query, worldOf(resources)));

/** The heading of a section as GitHub makes an anchor of it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
const sections = new Map(
  runbook
    .split(/^#{2,3} /m)
    .slice(1)
    .map((section) => [anchorOf(section.split('\n', 1)[0] ?? ''), section] as const),
);

/** `AWS::StackName` and the like differ; what alarms are made of does not. */
const essentials = ({ description: _text, actions: _actions, ...rest }: Alarm): unknown => rest;

describe('what is packaged', () => {
  it('asks, in every alarm and in the dashboard, for metrics that are emitted, with their dimensions and statistics', () => {
    expect(faultsOf(template)).toEqual([]);
    expect(findDashboardMetrics(template).length).toBeGreaterThan(40);
  });

  it('has the alarms of infra/alarms/, which the drills read', () => {
    const packaged = new Map(findAlarms(template).map((alarm) => [alarm.id, essentials(alarm)]));
    for (const alarm of readAlarms('prod')) expect(packaged.get(alarm.id)).toEqual(essentials(alarm));
  });

  it('asks for every metric that is emitted: none costs anything for nothing', () => {
    const asked = new Set(queriesOf(template).map(({ name }) => name));
    expect(Object.keys(metrics).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('shows every alarm in the dashboard', () => {
    const body = JSON.stringify(template['Dashboard']);
    expect(readAlarms('prod').filter(({ id }) => !body.includes(`\${${id}.Arn}`))).toEqual([]);
  });

  it('watches how long each route takes that has a token and is not a report made in the call', () => {
    const watched = Object.values(findAlarms(template).find(({ id }) => id === 'RequestLatencyAlarm')?.queries ?? {});
    const guarded = routes.filter(({ name, access }) => access === 'token' && !name.startsWith('$fetch-'));
    expect(watched.map(({ dimensions }) => dimensions['Route']).sort()).toEqual(guarded.map(({ name }) => name).sort());
  });

  it('sends alarms to an encrypted topic that no one but the alarms of the account publishes to', () => {
    expect(template['AlarmTopic']?.Properties).toMatchObject({ KmsMasterKeyId: { Ref: 'AlarmKey' } });
    const policy = JSON.stringify(template['AlarmTopicPolicy']?.Properties);
    expect(policy).toContain('"aws:SourceAccount":{"Ref":"AWS::AccountId"}');
    expect(policy.match(/"Effect":"Allow"/g)).toHaveLength(1);
    expect(JSON.stringify(template['AlarmKey']?.Properties)).toContain('cloudwatch.amazonaws.com');
  });
});

describe.each(readAlarms('prod').map((alarm) => [alarm.id, alarm] as const))('%s', (_id, alarm) => {
  it('tells somebody, when it goes off and when it is over', () => {
    const { AlarmActions, OKActions } = readAlarmResources()[alarm.id]?.Properties ?? {};
    expect([AlarmActions, OKActions]).toEqual([[{ Ref: 'AlarmTopic' }], [{ Ref: 'AlarmTopic' }]]);
  });

  it('points at a section of the runbook that says what it means, how to look and what to do', () => {
    const [, anchor = ''] = /\$\{param:runbook\}#([a-z-]+)$/.exec(alarm.description) ?? [];
    const section = sections.get(anchor) ?? '';
    for (const part of ['**Means**', '**Look**', '**Do**']) expect(section).toContain(part);
  });

  it('is one that CloudWatch takes, and is quiet where nothing is wrong or it says that silence is what is wrong', () => {
    const period = Math.max(...Object.values(alarm.queries).map((query) => query.period));
    expect(alarm.evaluationPeriods * period).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
    expect(alarm.datapointsToAlarm).toBeLessThanOrEqual(alarm.evaluationPeriods);
    expect(alarm.datapointsToAlarm).toBeGreaterThan(0);
    const { state } = evaluateAlarm(alarm, [], 0);
    expect(state).toBe(alarm.missing === 'breaching' ? 'ALARM' : 'OK');
  });
});

describe('a bug in the template is found', () => {
  it.each(seedTemplateBugs.map((bug) => [bug.name, bug] as const))('%s', (_name, { change, fault }) => {
    const seeded = JSON.parse(change(JSON.stringify(template))) as PackagedTemplate;
    expect(seeded).not.toEqual(template);
    expect(faultsOf(seeded)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });
});
