import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRoutes, type RouteDependencies } from '../../functions/api/routes.ts';
import { metrics } from '../../functions/platform/metrics.ts';
import { evaluateAlarm } from '../support/alarm.ts';
import { findQueries, findTemplateFaults } from '../support/check-metrics.ts';
import {
  alarmParameters,
  findDashboardMetrics,
  type Resources,
  readAlarmResources,
  readAlarms,
} from '../support/read-alarms.ts';
import { seedTemplateBugs } from '../support/seed-template-bugs.ts';

const routes = createRoutes({ baseUrl: 'https://reporting.example/fhir' } as RouteDependencies);
const template = readAlarmResources();
const parameters = alarmParameters('prod');
const alarms = readAlarms('prod');
const faultsOf = (resources: Resources): string[] => {
  const names = [...routes.map(({ name }) => name), 'none'];
  return findTemplateFaults({ resources, stage: 'prod', routes: names }, parameters);
};

/** The heading of a section as GitHub makes an anchor of it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
const sectionOf = (page: string, anchor: string): string => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const sections = text.split(/^#{2,3} /m).slice(1);
  return sections.find((section) => anchorOf(section.split('\n', 1)[0] ?? '') === anchor) ?? '';
};

describe('the template', () => {
  it('asks, in every alarm and in the dashboard, for metrics that are emitted, with their dimensions and statistics', () => {
    expect(faultsOf(template)).toEqual([]);
    expect(findDashboardMetrics(template, parameters).length).toBeGreaterThan(40);
  });

  it('asks for every metric that is emitted: none costs anything for nothing', () => {
    const asked = new Set(findQueries(template, parameters).map(({ name }) => name));
    expect(Object.keys(metrics).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('shows every alarm in the dashboard', () => {
    const body = JSON.stringify(template['Dashboard']);
    expect(alarms.filter(({ id }) => !body.includes(`\${${id}.Arn}`))).toEqual([]);
  });

  it('watches every queue that no function reads, by itself or by what the dispatcher counts', () => {
    const isFed = ({ Properties }: Resources[string]) => Properties['RedrivePolicy'] !== undefined;
    const unread = Object.entries(template).filter(([, one]) => one.Type === 'AWS::SQS::Queue' && !isFed(one));
    const text = (name: string) => readFileSync(new URL(`../../infra/functions/${name}.yml`, import.meta.url), 'utf8');
    const watched = new Set(
      alarms.flatMap(({ queries }) => Object.values(queries).map(({ dimensions }) => dimensions['QueueName'])),
    );
    const counted = /DEAD_LETTER_QUEUE_URL: !Ref (\w+)/.exec(text('dispatcher'))?.[1];
    expect(unread.length).toBeGreaterThan(2);
    expect(unread.map(([id]) => id).filter((id) => id !== counted && !watched.has(`${id}.QueueName`))).toEqual([]);
  });

  it('watches how long each route takes that has a token and is not a report made in the call', () => {
    const watched = Object.values(alarms.find(({ id }) => id === 'RequestLatencyAlarm')?.queries ?? {});
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

describe.each(alarms.map((alarm) => [alarm.id, alarm] as const))('%s', (_id, alarm) => {
  it('tells somebody when it goes off and when it is over, or stops a deployment', () => {
    const { AlarmActions, OKActions } = template[alarm.id]?.Properties ?? {};
    const isOfDeployment = JSON.stringify(template).includes(`"Alarms":[{"Name":{"Ref":"${alarm.id}"}`);
    const told = isOfDeployment ? undefined : [{ Ref: 'AlarmTopic' }];
    expect([AlarmActions, OKActions]).toEqual([told, told]);
  });

  it('points at a section of the runbook that says what it means, how to look and what to do', () => {
    const { runbook } = parameters;
    const [, page = '', anchor = ''] = / (\S+)#([a-z-]+)$/.exec(alarm.description) ?? [];
    const section = sectionOf(page.replace(/^\$\{param:runbook\}$/, String(runbook)), anchor);
    const parts = page.startsWith('$') ? ['**Means**', '**Look**', '**Do**'] : ['1. '];
    for (const part of parts) expect(section).toContain(part);
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
    const seeded = JSON.parse(change(JSON.stringify(template))) as Resources;
    expect(seeded).not.toEqual(template);
    expect(faultsOf(seeded)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });
});
