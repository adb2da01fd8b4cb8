import { beforeAll, describe, expect, it } from 'vitest';
import { readApiConfig } from '../../functions/api/config.ts';
import { createRoutes, type RouteDependencies } from '../../functions/api/routes.ts';
import { readAuditorConfig } from '../../functions/auditor/config.ts';
import { readCleanerConfig } from '../../functions/cleaner/config.ts';
import { windowLength } from '../../functions/cleaner/create-cleaner-handler.ts';
import { readDispatcherConfig } from '../../functions/dispatcher/config.ts';
import { readImporterConfig } from '../../functions/importer/config.ts';
import { overviewMembers } from '../../functions/jobs/job.ts';
import type { Environment } from '../../functions/platform/read-config.ts';
import { readWorkerConfig } from '../../functions/worker/config.ts';
import { type FunctionName, functionNames } from '../../infra/build-bundles.ts';
import type { Template } from '../../infra/checks/template.ts';
import type { Alarm } from '../support/alarm.ts';
import { findTemplateFaults } from '../support/check-metrics.ts';
import { alarmParameters, findAlarms, findDashboardMetrics, readAlarmResources } from '../support/read-alarms.ts';
import { packageService } from './package-service.ts';

interface FunctionProperties {
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  readonly [name: string]: unknown;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

let template: Template['Resources'];

beforeAll(async () => {
  template = (await packageService()).Resources;
}, 120_000);

const properties = (logicalId: string): Readonly<Record<string, unknown>> => {
  const resource = template[logicalId];
  if (resource === undefined) throw new Error(`the template has no ${logicalId}`);
  return resource.Properties;
};
const ofType = (type: string): [string, Readonly<Record<string, unknown>>][] =>
  Object.entries(template).flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, Properties]] : []));
const logicalName = (name: FunctionName): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;
const functionOf = (name: FunctionName) => properties(`${logicalName(name)}LambdaFunction`) as FunctionProperties;
const scheduleOf = (name: FunctionName) =>
  ofType('AWS::Events::Rule').find(([id]) => id.startsWith(logicalName(name)))?.[1]['ScheduleExpression'];
const variablesOf = (name: FunctionName) => functionOf(name).Environment.Variables;
const statementsOf = (name: FunctionName): readonly Statement[] => {
  const [policy] = properties(`${logicalName(name)}Role`)['Policies'] as [
    { PolicyDocument: { Statement: Statement[] } },
  ];
  return policy.PolicyDocument.Statement;
};
const actionsOn = (name: FunctionName, logicalId: string): readonly string[] =>
  statementsOf(name)
    .filter(({ Resource }) => new RegExp(`"${logicalId}"|\\{${logicalId}\\.`).test(JSON.stringify(Resource)))
    .flatMap(({ Action }) => Action)
    .sort();

describe('the functions', () => {
  it.each(functionNames)('%s runs on Node 24 and arm64, with a role of its own', (name) => {
    expect(functionOf(name)).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'handler.handler',
      Role: { 'Fn::GetAtt': [`${logicalName(name)}Role`, 'Arn'] },
      FunctionName: `serverless-reporting-prod-${name}`,
    });
  });

  it.each<[FunctionName, (environment: Environment) => unknown]>([
    ['api', readApiConfig],
    ['worker', readWorkerConfig],
    ['dispatcher', readDispatcherConfig],
    ['cleaner', readCleanerConfig],
    ['importer', readImporterConfig],
    ['auditor', readAuditorConfig],
  ])('%s is given the settings that its configuration reads, all of them and no others', (name, readConfig) => {
    const asked = new Set<string>();
    const note = (key: string | symbol) => typeof key === 'string' && asked.add(key);
    const given = Object.entries(variablesOf(name)).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : 'https://x.test/fhir',
    ]);
    const recording = new Proxy<Record<string, string>>(
      { ...Object.fromEntries(given), AWS_REGION: 'eu-north-1' },
      {
        get: (target, key) => note(key) && Reflect.get(target, key),
        has: (target, key) => note(key) && Reflect.has(target, key),
      },
    );
    readConfig(recording);
    const setByLambda = ['AWS_REGION', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE'].filter((variable) => asked.has(variable));
    expect([...asked].sort()).toEqual([...Object.keys(variablesOf(name)), ...setByLambda].sort());
  });

  it.each(['MAX_ATTEMPTS', 'REQUEUE_AFTER_SECONDS', 'DEADLINE_MARGIN_SECONDS', 'JOBS_TABLE', 'TENANT_CACHE_SECONDS'])(
    'agree on %s',
    (variable) => {
      const values = functionNames.map((name) => variablesOf(name)[variable]).filter((value) => value !== undefined);
      expect(values.length).toBeGreaterThan(1);
      expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(1);
    },
  );

  it('api ends before the gateway gives up at 30 s, the dispatcher before its next tick', () => {
    expect(functionOf('api').Timeout).toBeLessThan(30);
    expect(functionOf('dispatcher')).toMatchObject({ ReservedConcurrentExecutions: 1 });
    expect(functionOf('dispatcher').Timeout).toBeLessThan(60);
  });

  it('the worker has a full vCPU, and a lease far shorter than its time', () => {
    expect(functionOf('worker').MemorySize).toBeGreaterThanOrEqual(1769);
    expect(Number(variablesOf('worker')['LEASE_SECONDS']) * 4).toBeLessThanOrEqual(functionOf('worker').Timeout);
  });

  it('a job is ended before its deadline by a tick that comes every minute', () => {
    expect(scheduleOf('dispatcher')).toBe('rate(1 minute)');
    expect(Number(variablesOf('dispatcher')['DEADLINE_MARGIN_SECONDS'])).toBeGreaterThan(60);
  });
});

describe('the cleaner', () => {
  it('looks at every order four times, and ends long before its next run', () => {
    const [, hours] = /^rate\((\d+) hours\)$/.exec(String(scheduleOf('cleaner'))) ?? [];
    expect(Number(hours) * 4 * 3_600_000).toBe(windowLength);
    expect(functionOf('cleaner').Timeout).toBeLessThanOrEqual(900);
  });

  it('looks at orders while the bucket still keeps their bytes', () => {
    const { orphanAge } = readCleanerConfig({
      STAGE: 'x',
      JOBS_TABLE: 'x',
      CONTENT_BUCKET: 'x',
      ORPHAN_AGE_HOURS: String(variablesOf('cleaner')['ORPHAN_AGE_HOURS']),
    });
    expect(orphanAge + windowLength).toBeLessThanOrEqual(Number(variablesOf('api')['RETENTION_DAYS']) * 86_400_000);
  });
});

describe('the gateway', () => {
  it('has one route, so that 404 and 405 are answered in FHIR, and gives events of payload 2.0', () => {
    expect(ofType('AWS::ApiGatewayV2::Route').map(([, route]) => route['RouteKey'])).toEqual(['$default']);
    expect(ofType('AWS::ApiGatewayV2::Integration')).toMatchObject([
      [expect.any(String), { PayloadFormatVersion: '2.0' }],
    ]);
    expect(ofType('AWS::ApiGatewayV2::Stage')).toMatchObject([[expect.any(String), { StageName: '$default' }]]);
  });

  it('is the base of every link', () => {
    expect(JSON.stringify(variablesOf('api')['BASE_URL'])).toMatch(
      /https:\/\/\$\{HttpApi\}\.execute-api\.[^"]+\/fhir"/,
    );
  });
});

describe('the importer', () => {
  it('looks for what is due every minute', () => {
    expect(scheduleOf('importer')).toBe('rate(1 minute)');
  });

  it('signs in with what lies under its own prefix of the stage, and nothing else', () => {
    const [reading] = statementsOf('importer').filter(({ Action }) => [Action].flat().includes('ssm:GetParameter'));
    expect(JSON.stringify(reading?.Resource)).toMatch(/:parameter\/serverless-reporting\/prod\/imports\/\*"/);
    expect(variablesOf('importer')['IMPORT_SECRETS_PREFIX']).toBe('/serverless-reporting/prod/imports');
  });

  it('removes what imports have stored, and no manifest in use', () => {
    const deletions = statementsOf('importer').filter(({ Action }) => [Action].flat().includes('s3:DeleteObject'));
    expect(deletions.map(({ Resource }) => Resource)).toEqual([{ 'Fn::Sub': `\${DataBucket.Arn}/*/imports/*` }]);
  });
});

describe('the queue', () => {
  it.each<[string, FunctionName]>([
    ['ReportQueue', 'worker'],
    ['ImportQueue', 'importer'],
  ])('A17: %s hides a message for at least six times as long as the %s may take', (id, name) => {
    const visibility = Number(properties(id)['VisibilityTimeout']);
    expect(visibility).toBeGreaterThanOrEqual(6 * functionOf(name).Timeout);
    expect(visibility).toBeLessThanOrEqual(43_200);
  });

  it('feeds worker and importer one message at a time, bounded, and hears which ones failed', () => {
    expect(ofType('AWS::Lambda::EventSourceMapping').map(([, mapping]) => mapping)).toMatchObject([
      {
        EventSourceArn: { 'Fn::GetAtt': ['ReportQueue', 'Arn'] },
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 10 },
      },
      {
        EventSourceArn: { 'Fn::GetAtt': ['ImportQueue', 'Arn'] },
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 5 },
      },
    ]);
  });
});

describe('the tables', () => {
  it('have the keys that the code writes', () => {
    const jobs = properties('JobsTable');
    expect(jobs['KeySchema']).toEqual([{ AttributeName: 'pk', KeyType: 'HASH' }]);
    expect(jobs['TimeToLiveSpecification']).toEqual({ AttributeName: 'expires', Enabled: true });
    expect(jobs['GlobalSecondaryIndexes']).toMatchObject([
      { IndexName: 'byOwner', KeySchema: [{ AttributeName: 'owner' }, { AttributeName: 'created', KeyType: 'RANGE' }] },
      { IndexName: 'open', KeySchema: [{ AttributeName: 'openShard' }, { AttributeName: 'due', KeyType: 'RANGE' }] },
      {
        IndexName: 'openByTenant',
        KeySchema: [{ AttributeName: 'openTenant' }, { AttributeName: 'created', KeyType: 'RANGE' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
    expect(properties('TenantsTable')['KeySchema']).toEqual([{ AttributeName: 'id', KeyType: 'HASH' }]);
  });

  it('keep in the index by owner what the job status shows, and no more', () => {
    const [byOwner] = properties('JobsTable')['GlobalSecondaryIndexes'] as {
      Projection: { NonKeyAttributes: string[] };
    }[];
    const shown = overviewMembers.filter((member) => member !== 'created');
    expect([...(byOwner?.Projection.NonKeyAttributes ?? [])].sort()).toEqual([...shown].sort());
  });
});

describe('the buckets', () => {
  it("keep a report's bytes as long as its record, from one setting", () => {
    const { Rules } = properties('ContentBucket')['LifecycleConfiguration'] as {
      Rules: { ExpirationInDays?: number }[];
    };
    const days = Rules.flatMap(({ ExpirationInDays }) => ExpirationInDays ?? []);
    expect(days).toEqual([Number(variablesOf('api')['RETENTION_DAYS'])]);
    expect(days[0]).toBeGreaterThan(0);
  });

  it('keep data sets until they are replaced by hand', () => {
    const rules = JSON.stringify(properties('DataBucket')['LifecycleConfiguration']);
    expect(rules).not.toMatch(/"Expiration(InDays|Date)"/);
    expect(rules).toContain('"NoncurrentVersionExpiration":{"NoncurrentDays":30}');
  });
});

describe('what the functions may do', () => {
  it.each<[FunctionName, string, string[]]>([
    ['api', 'JobsTable', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']],
    ['api', 'TenantsTable', ['dynamodb:Scan']],
    ['api', 'ContentBucket', ['s3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject']],
    ['api', 'DataBucket', ['s3:GetObject', 's3:ListBucket']],
    ['api', 'ReportQueue', ['sqs:SendMessage']],
    ['worker', 'JobsTable', ['dynamodb:GetItem', 'dynamodb:UpdateItem']],
    ['worker', 'TenantsTable', ['dynamodb:Scan']],
    ['worker', 'ContentBucket', ['s3:GetObject', 's3:ListBucket', 's3:PutObject']],
    ['worker', 'DataBucket', ['s3:GetObject', 's3:ListBucket']],
    ['worker', 'ReportQueue', ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']],
    ['dispatcher', 'JobsTable', ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem']],
    ['dispatcher', 'TenantsTable', []],
    ['dispatcher', 'ContentBucket', ['s3:DeleteObject', 's3:ListBucket']],
    ['dispatcher', 'DataBucket', []],
    ['dispatcher', 'ReportQueue', ['sqs:SendMessage']],
    ['dispatcher', 'ReportDeadLetterQueue', ['sqs:GetQueueAttributes']],
    ['api', 'ReportDeadLetterQueue', []],
    ['worker', 'ReportDeadLetterQueue', []],
    ['cleaner', 'JobsTable', ['dynamodb:GetItem']],
    ['cleaner', 'TenantsTable', []],
    ['cleaner', 'ContentBucket', ['s3:DeleteObject', 's3:ListBucket']],
    ['cleaner', 'DataBucket', []],
    ['cleaner', 'ReportQueue', []],
    ['auditor', 'JobsTable', ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan']],
    ['auditor', 'TenantsTable', []],
    ['auditor', 'ContentBucket', ['s3:GetObject', 's3:ListBucket']],
    ['auditor', 'DataBucket', []],
    ['auditor', 'ReportQueue', []],
    ['auditor', 'ReportDeadLetterQueue', []],
    ['importer', 'JobsTable', []],
    ['importer', 'ImportsTable', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']],
    ['importer', 'TenantsTable', ['dynamodb:Scan']],
    ['importer', 'ContentBucket', []],
    ['importer', 'DataBucket', ['s3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject']],
    ['importer', 'ReportQueue', []],
    [
      'importer',
      'ImportQueue',
      ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:SendMessage'],
    ],
    ['api', 'ImportsTable', []],
    ['worker', 'ImportsTable', []],
    ['dispatcher', 'ImportsTable', ['dynamodb:GetItem']],
  ])('%s on %s: %j', (name, logicalId, actions) => {
    expect(actionsOn(name, logicalId)).toEqual(actions);
  });

  it.each<FunctionName>(['api', 'dispatcher', 'cleaner'])('the %s removes Binaries, and no summary', (name) => {
    const deletions = statementsOf(name).filter(({ Action }) => [Action].flat().includes('s3:DeleteObject'));
    expect(deletions.map(({ Resource }) => Resource)).toEqual([{ 'Fn::Sub': `\${ContentBucket.Arn}/*/Binary/*` }]);
  });

  it('the worker reads the numbers of earlier reports in the content bucket, and no Binary', () => {
    const reads = statementsOf('worker').filter(
      ({ Action, Resource }) =>
        [Action].flat().includes('s3:GetObject') && JSON.stringify(Resource).includes('ContentBucket'),
    );
    expect(reads.map(({ Resource }) => Resource)).toEqual([{ 'Fn::Sub': `\${ContentBucket.Arn}/*/Summary/*` }]);
  });

  it.each<[FunctionName, readonly string[]]>([
    ['api', ['byOwner', 'openByTenant']],
    ['dispatcher', ['open']],
    ['auditor', ['open']],
  ])('%s queries the indexes %j alone', (name, indexes) => {
    const queries = statementsOf(name).filter(({ Action }) => [Action].flat().includes('dynamodb:Query'));
    expect(queries.flatMap(({ Resource }) => Resource)).toEqual(
      indexes.map((index) => ({ 'Fn::Sub': `\${JobsTable.Arn}/index/${index}` })),
    );
  });
});

describe('the stage', () => {
  it('keeps logs for a year in prod', () => {
    const days = (id: string) => properties(id)['RetentionInDays'];
    expect(functionNames.map((name) => days(`${logicalName(name)}LogGroup`))).toEqual(functionNames.map(() => 365));
  });

  it('keeps who did what for five years, in a log group that outlives the stack', () => {
    expect(template['AuditLogGroup']).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { RetentionInDays: 1827 },
    });
    // Those of the functions, the gateway's and this one.
    expect(ofType('AWS::Logs::LogGroup')).toHaveLength(functionNames.length + 2);
  });
});

describe('the alarms and the dashboard', () => {
  const routeNames = createRoutes({ baseUrl: 'https://reporting.example/fhir' } as RouteDependencies).map(
    ({ name }) => name,
  );
  it('ask for metrics that are emitted, with their dimensions and statistics', () => {
    const world = { resources: template, stage: 'prod', routes: [...routeNames, 'none'] };
    expect(findTemplateFaults(world)).toEqual([]);
  });

  it('are those of infra/, which the drills and test/infra/alarms.test.ts read', () => {
    const parameters = alarmParameters('prod');
    const essentials = ({ description: _text, actions: _actions, ...rest }: Alarm): unknown => rest;
    const byId = (alarms: readonly Alarm[]) => new Map(alarms.map((alarm) => [alarm.id, essentials(alarm)]));
    expect(byId(findAlarms(template))).toEqual(byId(findAlarms(readAlarmResources(), parameters)));
    expect(findDashboardMetrics(template)).toEqual(findDashboardMetrics(readAlarmResources(), parameters));
  });
});
