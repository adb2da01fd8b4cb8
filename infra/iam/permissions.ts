// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes placeholders so.
import type { Call, Decision } from './decide.ts';

/** What is expected of IAM for one call. */
export interface Permission extends Call {
  readonly decision: Decision;
  /** The request's conditions in a word or two. */
  readonly when?: string;
}

type Given = Pick<Permission, 'when' | 'context'>;

const viaTable: Given = {
  when: 'through DynamoDB',
  context: { 'kms:ViaService': 'dynamodb.${AWS::Region}.amazonaws.com' },
};
const viaBucket: Given = { when: 'through S3', context: { 'kms:ViaService': 's3.${AWS::Region}.amazonaws.com' } };
const once: Given = {
  when: 'If-None-Match: *',
  context: { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' },
};
const overwriting: Given = { when: 'no If-None-Match', context: { 's3:ObjectCreationOperation': 'true' } };
const plain: Given = { when: 'without TLS', context: { 'aws:SecureTransport': 'false' } };
const ownService: Given = {
  when: 'another service',
  context: { 'kms:ViaService': 'sqs.${AWS::Region}.amazonaws.com' },
};

const content = 'ContentBucket/demo/Binary/1/2/a';
const summary = 'ContentBucket/demo/Summary/f/1';
const data = 'DataBucket/demo/manifest.json';
const auditStream = 'AuditLogGroup:log-stream:api';
const elsewhere = 'arn:aws:s3:::serverless-reporting-prod-contentbucket-of-another-region/demo/Binary/1/2/a';
const otherStage = 'arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/serverless-reporting-dev-JobsTable';

type Row = readonly [action: string, resource: string, decision: Decision, given?: Given];

const of = (principal: string, rows: readonly Row[]): readonly Permission[] =>
  rows.map(([action, resource, decision, given = {}]) => ({ principal, action, resource, decision, ...given }));

/** The api: orders and reads. It has no part in making reports. */
const api = of('ApiRole', [
  ['dynamodb:GetItem', 'JobsTable', 'allowed'],
  ['dynamodb:PutItem', 'JobsTable', 'allowed'],
  ['dynamodb:UpdateItem', 'JobsTable', 'allowed'],
  ['dynamodb:DeleteItem', 'JobsTable', 'not allowed'],
  ['dynamodb:Scan', 'JobsTable', 'not allowed'],
  ['dynamodb:Query', 'JobsTable', 'not allowed'],
  ['dynamodb:Query', 'JobsTable/index/byOwner', 'allowed'],
  ['dynamodb:Query', 'JobsTable/index/openByTenant', 'allowed'],
  ['dynamodb:Query', 'JobsTable/index/open', 'not allowed'],
  ['dynamodb:Scan', 'TenantsTable', 'allowed'],
  ['dynamodb:PutItem', 'TenantsTable', 'not allowed'],
  ['dynamodb:GetItem', otherStage, 'not allowed'],
  ['s3:GetObject', content, 'allowed'],
  ['s3:PutObject', content, 'allowed', once],
  ['s3:PutObject', content, 'denied', overwriting],
  ['s3:DeleteObject', content, 'allowed'],
  ['s3:DeleteObject', summary, 'not allowed'],
  ['s3:ListBucket', 'ContentBucket', 'allowed'],
  ['s3:GetObject', elsewhere, 'not allowed'],
  ['s3:GetObject', content, 'denied', plain],
  // $fetch reads the data set within the call.
  ['s3:GetObject', data, 'allowed'],
  ['s3:ListBucket', 'DataBucket', 'allowed'],
  ['s3:PutObject', data, 'not allowed'],
  ['s3:DeleteObject', data, 'not allowed'],
  ['s3:GetObjectVersion', data, 'not allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'allowed'],
  ['sqs:ReceiveMessage', 'ReportQueue', 'not allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'denied', plain],
  ['sqs:ReceiveMessage', 'ReportDeadLetterQueue', 'not allowed'],
  ['logs:PutLogEvents', auditStream, 'allowed'],
  ['logs:GetLogEvents', auditStream, 'not allowed'],
  ['logs:DeleteLogStream', auditStream, 'not allowed'],
  ['logs:PutRetentionPolicy', 'AuditLogGroup', 'not allowed'],
  ['logs:PutLogEvents', 'WorkerLogGroup:log-stream:x', 'not allowed'],
  ['kms:Decrypt', 'EncryptionKey', 'allowed', viaTable],
  ['kms:Decrypt', 'EncryptionKey', 'allowed', viaBucket],
  ['kms:Decrypt', 'EncryptionKey', 'not allowed'],
  ['kms:ScheduleKeyDeletion', 'EncryptionKey', 'not allowed'],
  ['lambda:InvokeFunction', 'WorkerLambdaFunction', 'not allowed'],
  ['sns:Publish', 'AlarmTopic', 'not allowed'],
]);

/** The worker: reads data sets, stores reports. It can remove nothing and read no Binary, of the stored numbers those of earlier reports. */
const worker = of('WorkerRole', [
  ['sqs:ReceiveMessage', 'ReportQueue', 'allowed'],
  ['sqs:DeleteMessage', 'ReportQueue', 'allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'not allowed'],
  ['dynamodb:GetItem', 'JobsTable', 'allowed'],
  ['dynamodb:UpdateItem', 'JobsTable', 'allowed'],
  ['dynamodb:PutItem', 'JobsTable', 'not allowed'],
  ['dynamodb:DeleteItem', 'JobsTable', 'not allowed'],
  ['dynamodb:Scan', 'TenantsTable', 'allowed'],
  ['dynamodb:UpdateItem', 'TenantsTable', 'not allowed'],
  ['s3:GetObject', data, 'allowed'],
  ['s3:PutObject', data, 'not allowed'],
  ['s3:DeleteObject', data, 'not allowed'],
  ['s3:PutObject', content, 'allowed', once],
  ['s3:PutObject', content, 'denied', overwriting],
  ['s3:GetObject', content, 'not allowed'],
  ['s3:GetObject', summary, 'allowed'],
  ['s3:PutObject', summary, 'denied', overwriting],
  ['s3:DeleteObject', content, 'not allowed'],
  ['s3:DeleteObject', summary, 'not allowed'],
  ['s3:ListBucket', 'ContentBucket', 'allowed'],
  ['logs:PutLogEvents', auditStream, 'not allowed'],
  ['kms:GenerateDataKey', 'EncryptionKey', 'allowed', viaBucket],
  ['kms:Decrypt', 'EncryptionKey', 'not allowed', ownService],
]);

/** The dispatcher: ends, releases, queues again, removes what was deleted. It can neither read nor write bytes. */
const dispatcher = of('DispatcherRole', [
  ['dynamodb:GetItem', 'ImportsTable', 'allowed'],
  ['dynamodb:UpdateItem', 'ImportsTable', 'not allowed'],
  ['dynamodb:Query', 'JobsTable/index/open', 'allowed'],
  ['dynamodb:Query', 'JobsTable/index/byOwner', 'not allowed'],
  ['dynamodb:UpdateItem', 'JobsTable', 'allowed'],
  ['dynamodb:PutItem', 'JobsTable', 'not allowed'],
  ['dynamodb:Scan', 'TenantsTable', 'not allowed'],
  ['s3:GetObject', content, 'not allowed'],
  ['s3:PutObject', content, 'not allowed', once],
  ['s3:DeleteObject', content, 'allowed'],
  ['s3:DeleteObject', summary, 'not allowed'],
  ['s3:GetObject', data, 'not allowed'],
  ['s3:DeleteObject', data, 'not allowed'],
  ['s3:ListBucket', 'DataBucket', 'not allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'allowed'],
  ['sqs:SendMessage', 'FailedRunQueue', 'allowed'],
  ['sqs:GetQueueAttributes', 'ReportDeadLetterQueue', 'allowed'],
  ['sqs:ReceiveMessage', 'ReportDeadLetterQueue', 'not allowed'],
  ['sqs:DeleteMessage', 'ReportDeadLetterQueue', 'not allowed'],
  ['sqs:PurgeQueue', 'ReportDeadLetterQueue', 'not allowed'],
  ['kms:Decrypt', 'EncryptionKey', 'allowed', viaTable],
  ['kms:Decrypt', 'EncryptionKey', 'not allowed', viaBucket],
]);

/** The cleaner: sees keys and removes by key. */
const cleaner = of('CleanerRole', [
  ['dynamodb:GetItem', 'JobsTable', 'allowed'],
  ['dynamodb:UpdateItem', 'JobsTable', 'not allowed'],
  ['s3:ListBucket', 'ContentBucket', 'allowed'],
  ['s3:DeleteObject', content, 'allowed'],
  ['s3:DeleteObject', summary, 'not allowed'],
  ['s3:GetObject', content, 'not allowed'],
  ['s3:PutObject', content, 'not allowed', once],
  ['s3:DeleteObject', data, 'not allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'not allowed'],
  ['sqs:SendMessage', 'FailedRunQueue', 'allowed'],
  ['kms:Decrypt', 'EncryptionKey', 'not allowed', viaBucket],
  ['kms:GenerateDataKey', 'EncryptionKey', 'not allowed', viaTable],
]);

/** The auditor: reads records and reports, and changes neither. */
const auditor = of('AuditorRole', [
  ['dynamodb:GetItem', 'JobsTable', 'allowed'],
  ['dynamodb:Scan', 'JobsTable', 'allowed'],
  ['dynamodb:Query', 'JobsTable/index/open', 'allowed'],
  ['dynamodb:Query', 'JobsTable/index/byOwner', 'not allowed'],
  ['dynamodb:UpdateItem', 'JobsTable', 'not allowed'],
  ['dynamodb:Scan', 'TenantsTable', 'not allowed'],
  ['s3:ListBucket', 'ContentBucket', 'allowed'],
  ['s3:GetObject', content, 'allowed'],
  ['s3:PutObject', content, 'not allowed', once],
  ['s3:DeleteObject', content, 'not allowed'],
  ['s3:GetObject', data, 'not allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'not allowed'],
  ['sqs:SendMessage', 'FailedRunQueue', 'allowed'],
  ['kms:Decrypt', 'EncryptionKey', 'allowed', viaTable],
  ['kms:Decrypt', 'EncryptionKey', 'allowed', viaBucket],
  ['kms:Decrypt', 'EncryptionKey', 'not allowed'],
  ['kms:GenerateDataKey', 'EncryptionKey', 'not allowed', viaBucket],
]);

const importFile = 'DataBucket/demo/imports/1/a.ndjson';
const secret = 'arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/serverless-reporting/prod/imports/demo';
const otherSecret = 'arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/other/demo';

/** The importer: fetches data sets. It has no part in jobs and reports. */
const importer = of('ImporterRole', [
  ['dynamodb:UpdateItem', 'ImportsTable', 'allowed'],
  ['dynamodb:PutItem', 'ImportsTable', 'allowed'],
  ['dynamodb:Query', 'ImportsTable/index/open', 'allowed'],
  ['dynamodb:DeleteItem', 'ImportsTable', 'not allowed'],
  ['dynamodb:GetItem', 'JobsTable', 'not allowed'],
  ['dynamodb:UpdateItem', 'TenantsTable', 'not allowed'],
  ['s3:PutObject', data, 'allowed', overwriting],
  ['s3:DeleteObject', importFile, 'allowed'],
  ['s3:DeleteObject', data, 'not allowed'],
  ['s3:DeleteObjectVersion', importFile, 'not allowed'],
  ['s3:GetObject', content, 'not allowed'],
  ['s3:PutObject', content, 'not allowed', once],
  ['sqs:SendMessage', 'ImportQueue', 'allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'not allowed'],
  ['ssm:GetParameter', secret, 'allowed'],
  ['ssm:GetParameter', otherSecret, 'not allowed'],
  ['ssm:PutParameter', secret, 'not allowed'],
  ['logs:PutLogEvents', auditStream, 'not allowed'],
]);

/** CodeDeploy: moves aliases, and nothing else. */
const deployments = of('DeploymentsRole', [
  ['lambda:UpdateAlias', 'ApiLambdaFunction', 'allowed'],
  ['lambda:UpdateFunctionCode', 'ApiLambdaFunction', 'not allowed'],
  ['lambda:InvokeFunction', 'ApiLambdaFunction', 'not allowed'],
  ['cloudwatch:DescribeAlarms', 'ApiVersionErrorsAlarm', 'allowed'],
]);

/** Who may do everything in the account is held by the policies on buckets, queues and key all the same. */
const administrator = of('administrator', [
  ['s3:PutObject', content, 'denied', overwriting],
  ['s3:PutObject', content, 'allowed', once],
  ['s3:GetObject', content, 'denied', plain],
  ['s3:GetObject', data, 'denied', plain],
  ['s3:PutObject', data, 'allowed', overwriting],
  ['sqs:ReceiveMessage', 'ReportDeadLetterQueue', 'denied', plain],
  ['sqs:ReceiveMessage', 'FailedRunQueue', 'denied', plain],
  ['kms:Decrypt', 'EncryptionKey', 'not allowed'],
  ['kms:Decrypt', 'EncryptionKey', 'allowed', viaBucket],
  ['kms:ScheduleKeyDeletion', 'EncryptionKey', 'allowed'],
  ['sns:Publish', 'AlarmTopic', 'denied', plain],
  ['kms:Decrypt', 'AlarmKey', 'not allowed'],
]);

/** Who may do everything in another account. */
const stranger = of('stranger', [
  ['s3:GetObject', content, 'not allowed'],
  ['s3:GetObject', data, 'not allowed'],
  ['sqs:SendMessage', 'ReportQueue', 'not allowed'],
  ['sns:Publish', 'AlarmTopic', 'not allowed'],
  ['kms:Decrypt', 'EncryptionKey', 'not allowed', viaBucket],
]);

/**
 * What each role may do and what it may not, call by call: the table that a change of `infra/roles/` or of a policy is measured by. Roles
 * serve all tenants; tenants are kept apart by the code (docs/security.md).
 */
export const permissions: readonly Permission[] = [
  ...api,
  ...worker,
  ...dispatcher,
  ...cleaner,
  ...auditor,
  ...importer,
  ...deployments,
  ...administrator,
  ...stranger,
];
