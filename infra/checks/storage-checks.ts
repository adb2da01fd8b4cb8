import { type Check, type CheckName, dig, finding, refersTo, resourcesOf, statementsOf, textOf } from './template.ts';

/** What is lost for good when it is removed with a stack: kept, whatever becomes of the stack. */
const keptTypes = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'];
/** These hold code, and messages on their way. */
const notKept = ['ServerlessDeploymentBucket', 'AlarmKey'];

const checkRetained: Check = ({ Resources }) =>
  Object.entries(Resources)
    .filter(([id, { Type }]) => (keptTypes.includes(Type) && !notKept.includes(id)) || id === 'AuditLogGroup')
    .filter(([, one]) => one.DeletionPolicy !== 'Retain' || one.UpdateReplacePolicy !== 'Retain')
    .map(([id]) => finding('retained', id, 'has to outlive the stack and its own replacement'));

const tableDemands: readonly (readonly [check: CheckName, problem: string, holds: (properties: unknown) => boolean])[] =
  [
    ['table-on-demand', 'has to be billed on demand', (table) => dig(table, 'BillingMode') === 'PAY_PER_REQUEST'],
    [
      'table-recovery',
      'has to be restorable to any point in time',
      (table) => dig(table, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true,
    ],
    ['table-deletion', 'has to refuse its deletion', (table) => dig(table, 'DeletionProtectionEnabled') === true],
    [
      'table-encryption',
      "has to be encrypted with the stack's key",
      (table) =>
        dig(table, 'SSESpecification', 'SSEType') === 'KMS' &&
        dig(table, 'SSESpecification', 'SSEEnabled') === true &&
        refersTo(dig(table, 'SSESpecification', 'KMSMasterKeyId'), 'EncryptionKey'),
    ],
  ];

const checkTables: Check = (template) =>
  resourcesOf(template, 'AWS::DynamoDB::Table').flatMap(([id, { Properties }]) =>
    tableDemands.filter(([, , holds]) => !holds(Properties)).map(([check, problem]) => finding(check, id, problem)),
  );

const checkExpiry: Check = ({ Resources }) =>
  dig(Resources['JobsTable'], 'Properties', 'TimeToLiveSpecification', 'Enabled') === true
    ? []
    : [finding('table-expiry', 'JobsTable', 'records would never go')];

/** By a service on behalf of this account alone. */
const boundUse = /kms:ViaService|kms:EncryptionContext:|aws:SourceAccount/;

const checkKey: Check = (template) =>
  resourcesOf(template, 'AWS::KMS::Key').flatMap(([id, { Properties }]) => {
    const uses = statementsOf(Properties['KeyPolicy']).filter(({ Action }) =>
      Action.some((action) => /^kms:(\*|Decrypt|Encrypt|GenerateDataKey|ReEncrypt|CreateGrant)/.test(action)),
    );
    const unbound = uses.filter(({ Condition }) => !boundUse.test(textOf(Condition)));
    return [
      ...(Properties['EnableKeyRotation'] === true ? [] : ['has to be rotated']),
      ...(unbound.length === 0 ? [] : ['may be used through a service of this account, and not directly']),
    ].map((problem) => finding('key', id, problem));
  });

const checkLogs: Check = (template) =>
  resourcesOf(template, 'AWS::Logs::LogGroup').flatMap(([id, { Properties }]) => [
    ...(Number(Properties['RetentionInDays']) > 0 ? [] : [finding('log-retention', id, 'its lines would never go')]),
    ...(refersTo(Properties['KmsKeyId'], 'EncryptionKey')
      ? []
      : [finding('log-encryption', id, "has to be encrypted with the stack's key")]),
  ]);

/** What tables, keys and log groups have to be. */
export const storageChecks: readonly Check[] = [checkRetained, checkTables, checkExpiry, checkKey, checkLogs];
