// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes placeholders so.
import type { CheckName } from '../../../infra/checks/template.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is changed here at places that have no types.
type Part = any;

/** A mistake that somebody could make in `infra/`. */
export interface SeededBug {
  readonly bug: string;
  readonly check: CheckName;
  /** Makes the mistake in a copy of the template's resources. */
  readonly seed: (resources: Part) => void;
}

const bug = (check: CheckName, text: string, seed: SeededBug['seed']): SeededBug => ({ bug: text, check, seed });

const statements = (resources: Part, role: string): Part[] =>
  resources[role].Properties.Policies[0].PolicyDocument.Statement;

const grant = (resources: Part, role: string, Action: string | string[], Resource: unknown, more = {}) =>
  statements(resources, role).push({ Effect: 'Allow', Action, Resource, ...more });

const policy = (resources: Part, id: string): Part => resources[id].Properties.PolicyDocument;

/** A version's logical id has a hash of what it is of. */
const versionOf = (resources: Part, name: string): string =>
  resources[`${name}LiveAlias`].Properties.FunctionVersion['Fn::GetAtt'][0];

const without = (resources: Part, id: string, ...path: string[]) => {
  const last = path.pop() ?? '';
  let part = resources[id].Properties;
  for (const step of path) part = part[step];
  delete part[last];
};

const buckets: readonly SeededBug[] = [
  bug('bucket-private', 'a public bucket', (r) => {
    r.DataBucket.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets = false;
  }),
  bug('bucket-private', 'a bucket that says nothing of the public', (r) =>
    without(r, 'ContentBucket', 'PublicAccessBlockConfiguration'),
  ),
  bug('bucket-owner', 'objects with owners of their own', (r) => {
    r.ContentBucket.Properties.OwnershipControls.Rules[0].ObjectOwnership = 'ObjectWriter';
  }),
  bug('bucket-encryption', "a bucket with S3's own key", (r) => {
    r.ContentBucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault = {
      SSEAlgorithm: 'AES256',
    };
  }),
  bug('bucket-encryption', 'KMS without a bucket key, which asks it for each object', (r) => {
    r.DataBucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].BucketKeyEnabled = false;
  }),
  bug('bucket-tls-only', 'a policy that forgets the objects', (r) => {
    policy(r, 'DataBucketPolicy').Statement[0].Resource = { 'Fn::GetAtt': ['DataBucket', 'Arn'] };
  }),
  bug('bucket-tls-only', 'a policy for the other bucket', (r) => {
    r.ContentBucketPolicy.Properties.Bucket = { Ref: 'DataBucket' };
  }),
  bug('content-create-only', 'content that may be overwritten', (r) =>
    policy(r, 'ContentBucketPolicy').Statement.pop(),
  ),
  bug('content-unversioned', 'content with versions, which outlive DELETE', (r) => {
    r.ContentBucket.Properties.VersioningConfiguration = { Status: 'Enabled' };
  }),
  bug('data-versioned', 'data sets without versions', (r) => without(r, 'DataBucket', 'VersioningConfiguration')),
  bug('bucket-lifecycle', 'old versions that stay for ever', (r) => {
    r.DataBucket.Properties.LifecycleConfiguration.Rules[1].Status = 'Disabled';
  }),
  bug('bucket-lifecycle', 'parts of uploads that stay for ever', (r) =>
    r.ContentBucket.Properties.LifecycleConfiguration.Rules.pop(),
  ),
];

const storage: readonly SeededBug[] = [
  bug('retained', 'a table that goes with its stack', (r) => {
    r.JobsTable.DeletionPolicy = 'Delete';
  }),
  bug('retained', 'a key that goes with its stack, and all that it encrypted', (r) => {
    delete r.EncryptionKey.DeletionPolicy;
  }),
  bug('table-on-demand', 'a table with a fixed capacity', (r) => {
    r.JobsTable.Properties.BillingMode = 'PROVISIONED';
  }),
  bug('table-recovery', 'a table that cannot be restored', (r) =>
    without(r, 'TenantsTable', 'PointInTimeRecoverySpecification'),
  ),
  bug('table-deletion', 'a table that can be deleted', (r) => {
    r.TenantsTable.Properties.DeletionProtectionEnabled = false;
  }),
  bug('table-encryption', "a table with DynamoDB's own key", (r) => without(r, 'JobsTable', 'SSESpecification')),
  bug('table-expiry', 'records that never expire', (r) => without(r, 'JobsTable', 'TimeToLiveSpecification')),
  bug('key', 'a key that is never rotated', (r) => {
    r.EncryptionKey.Properties.EnableKeyRotation = false;
  }),
  bug('key', 'a key that may be used directly', (r) => {
    r.EncryptionKey.Properties.KeyPolicy.Statement[0].Action = 'kms:*';
  }),
  bug('log-retention', 'a log that is kept for ever', (r) => without(r, 'WorkerLogGroup', 'RetentionInDays')),
  bug('log-encryption', 'a log without the key', (r) => without(r, 'HttpApiLogGroup', 'KmsKeyId')),
];

const queues: readonly SeededBug[] = [
  bug('queue-encryption', 'a queue in plain', (r) => without(r, 'ReportQueue', 'SqsManagedSseEnabled')),
  bug('queue-tls-only', 'a queue without a policy', (r) => {
    delete r.FailedRunQueuePolicy;
  }),
  bug('queue-visibility', 'a visibility that is too short', (r) => {
    r.ReportQueue.Properties.VisibilityTimeout = 300;
  }),
  bug('queue-visibility', 'a worker that got more time than its queue', (r) => {
    r.WorkerLambdaFunction.Properties.Timeout = 900;
  }),
  bug('dead-letters', 'a queue without dead letters', (r) => without(r, 'ReportQueue', 'RedrivePolicy')),
  bug('dead-letters', 'dead letters that are gone before anybody looks', (r) => {
    r.ReportDeadLetterQueue.Properties.MessageRetentionPeriod = 345_600;
  }),
  bug('dead-letters', 'messages that die of a busy worker', (r) => {
    r.ReportQueue.Properties.RedrivePolicy.maxReceiveCount = 1;
  }),
  bug('queue-retention', 'a message that is gone before it could be a dead letter', (r) => {
    r.ImportQueue.Properties.MessageRetentionPeriod = 3600;
  }),
  bug('queue-feed', 'workers without a maximum', (r) =>
    without(r, 'WorkerEventSourceMappingSQSReportQueue', 'ScalingConfig'),
  ),
  bug('queue-feed', 'a batch that fails as a whole', (r) =>
    without(r, 'WorkerEventSourceMappingSQSReportQueue', 'FunctionResponseTypes'),
  ),
];

const functions: readonly SeededBug[] = [
  bug('own-role', 'two functions with one role', (r) => {
    r.CleanerLambdaFunction.Properties.Role = r.ApiLambdaFunction.Properties.Role;
  }),
  bug('recursion', 'a function that may call itself', (r) => {
    r.WorkerLambdaFunction.Properties.RecursiveLoop = 'Allow';
  }),
  bug('log-group', 'a function whose log group nobody made', (r) => {
    delete r.DispatcherLogGroup;
  }),
  bug('alias', 'a schedule that calls the newest code at once', (r) => {
    r.DispatcherEventsRuleSchedule1.Properties.Targets[0].Arn = { 'Fn::GetAtt': ['DispatcherLambdaFunction', 'Arn'] };
  }),
  bug('alias', 'a route past the alias', (r) => {
    r.HttpApiIntegrationApi.Properties.IntegrationUri = { 'Fn::GetAtt': ['ApiLambdaFunction', 'Arn'] };
  }),
  bug('on-failure', 'a scheduled function that fails in silence', (r) => {
    delete r.CleanerLambdaEvConf;
  }),
  bug('on-failure', 'a missing permission for the queue of failed runs', (r) => {
    const list = statements(r, 'DispatcherRole');
    list.splice(
      list.findIndex(({ Resource }) => JSON.stringify(Resource).includes('FailedRunQueue')),
      1,
    );
  }),
  bug('tracing', 'a function that is traced and may not', (r) => {
    r.WorkerLambdaFunction.Properties.TracingConfig = { Mode: 'Active' };
  }),
  bug('tracing', 'a function that is traced before it may', (r) => {
    r.WorkerLambdaFunction.Properties.TracingConfig = { Mode: 'Active' };
    r.TracingPolicy = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Roles: [{ Ref: 'WorkerRole' }],
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: ['xray:PutTraceSegments'], Resource: '*' }] },
      },
    };
  }),
  bug('version', 'a version that outlives the deployment that was rolled back', (r) => {
    r[versionOf(r, 'Api')].DeletionPolicy = 'Retain';
  }),
  bug('version', 'a version that is gone when the next one comes', (r) => {
    delete r[versionOf(r, 'Worker')].UpdateReplacePolicy;
  }),
  bug('invoke-permission', 'a function that any API may call', (r) =>
    without(r, 'ApiLambdaPermissionHttpApi', 'SourceArn'),
  ),
];

const roles: readonly SeededBug[] = [
  bug('wildcard', 'a role with a wildcard for its actions', (r) =>
    grant(r, 'WorkerRole', 's3:*', { 'Fn::GetAtt': ['DataBucket', 'Arn'] }),
  ),
  bug('wildcard', 'a role with a wildcard for its resources', (r) => grant(r, 'DispatcherRole', 'dynamodb:Query', '*')),
  bug('wildcard', 'a role for all buckets', (r) => grant(r, 'ApiRole', 's3:GetObject', 'arn:aws:s3:::*/*')),
  bug('wildcard', 'a role for all but something', (r) =>
    statements(r, 'CleanerRole').push({ Effect: 'Allow', NotAction: 'iam:PassRole', Resource: { Ref: 'x' } }),
  ),
  bug('managed-policy', "a role with AWS's own policy", (r) => {
    r.ApiRole.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AmazonS3FullAccess'];
  }),
  bug('trust', 'a role that everybody may take', (r) => {
    r.WorkerRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal = { AWS: '*' };
  }),
  bug('key-use', 'a role that may use the key directly', (r) =>
    grant(r, 'CleanerRole', 'kms:Decrypt', { 'Fn::GetAtt': ['EncryptionKey', 'Arn'] }),
  ),
  bug('audit-log', 'an api that may read what it audits', (r) =>
    grant(r, 'ApiRole', 'logs:GetLogEvents', { 'Fn::Sub': 'arn:x:${AuditLogGroup}:log-stream:${AuditLogStream}' }),
  ),
  bug('public-policy', 'a bucket that everybody may read', (r) =>
    policy(r, 'ContentBucketPolicy').Statement.push({
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: { 'Fn::Sub': '${ContentBucket.Arn}/*' },
    }),
  ),
];

const service: readonly SeededBug[] = [
  bug('route', 'a route of its own, past FHIR', (r) => {
    r.HttpApiRouteDefault.Properties.RouteKey = 'GET /Binary/{id}';
  }),
  bug('throttling', 'a gateway that lets everything through', (r) => {
    r.HttpApiStage.Properties.DefaultRouteSettings = {};
  }),
  bug('access-log', 'a log that keeps paths', (r) => {
    r.HttpApiStage.Properties.AccessLogSettings.Format = '{"path":"$context.path","status":"$context.status"}';
  }),
  bug('access-log', 'no access log', (r) => without(r, 'HttpApiStage', 'AccessLogSettings')),
  bug('domain-tls', 'a domain for TLS 1.0', (r) => {
    r.PublicDomain = {
      Type: 'AWS::ApiGatewayV2::DomainName',
      Properties: { DomainName: 'x.test', DomainNameConfigurations: [{ SecurityPolicy: 'TLS_1_0' }] },
    };
  }),
  bug('deployment', 'an alias that moves at once', (r) => {
    delete r.WorkerLiveAlias.UpdatePolicy;
  }),
  bug('deployment', 'an alias that moves by the settings of the deployment before', (r) => {
    delete r.ImporterLiveAlias.DependsOn;
  }),
  bug('deployment', 'a deployment that no alarm stops', (r) => {
    r.ApiDeployments.Properties.AlarmConfiguration.Alarms = [];
  }),
  bug('deployment', 'a deployment that watches an alarm that there is not', (r) => {
    r.ApiDeployments.Properties.AlarmConfiguration.Alarms = [{ Name: 'api-errors' }];
  }),
  bug('cell', 'a queue of another region', (r) => {
    r.WorkerEventSourceMappingSQSReportQueue.Properties.EventSourceArn = 'arn:aws:sqs:us-east-1:111122223333:reports';
  }),
  bug('cell', 'an account that is written down', (r) =>
    grant(r, 'ApiRole', 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:reports'),
  ),
];

/** Mistakes of every kind that the checks are for, one at least for each of them. */
export const seededBugs: readonly SeededBug[] = [...buckets, ...storage, ...queues, ...functions, ...roles, ...service];
