import {
  type Check,
  finding,
  refersTo,
  resourcesOf,
  type Statement,
  statementsOf,
  type Template,
  textOf,
} from './template.ts';

/** Actions that know no resources, as the Service Authorization Reference has it. */
const withoutResource = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

/** All policies of principals, by the resource that holds them. */
const policiesOf = (template: Template): (readonly [id: string, statement: Statement])[] => [
  ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
    ((Properties['Policies'] ?? []) as { PolicyDocument: unknown }[]).flatMap(({ PolicyDocument }) =>
      statementsOf(PolicyDocument).map((statement) => [id, statement] as const),
    ),
  ),
  ...['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'].flatMap((type) =>
    resourcesOf(template, type).flatMap(([id, { Properties }]) =>
      statementsOf(Properties['PolicyDocument']).map((statement) => [id, statement] as const),
    ),
  ),
];

/** The objects of a bucket, below a prefix or not; the alarms of the stack; parameters below a path of the service. */
const boundWildcard =
  /\$\{\w+Bucket\.Arn\}\/[\w/*-]*\*|:alarm:\$\{AWS::StackName\}-\*|:parameter\/serverless-reporting\/[\w/-]+\/\*/g;

const checkWildcards: Check = (template) =>
  policiesOf(template).flatMap(([id, { Action, Resource, source }]) => {
    const isUnbound = textOf(Resource).replace(boundWildcard, '').includes('*');
    const needsNone = Action.every((action) => withoutResource.includes(action));
    return [
      ...(Action.some((action) => action.includes('*'))
        ? [`allows ${Action.join(', ')}: actions are named one by one`]
        : []),
      ...(isUnbound && !needsNone ? [`allows ${Action.join(', ')} on more than it can name`] : []),
      ...('NotAction' in source || 'NotResource' in source ? ['allows all but what it names'] : []),
    ].map((problem) => finding('wildcard', id, problem));
  });

const checkManagedPolicies: Check = (template) =>
  resourcesOf(template, 'AWS::IAM::Role')
    .filter(([, { Properties }]) => Properties['ManagedPolicyArns'] !== undefined)
    .map(([id]) => finding('managed-policy', id, "AWS's policies allow more than the code does"));

const checkTrust: Check = (template) =>
  resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
    statementsOf(Properties['AssumeRolePolicyDocument'])
      .filter(({ Principal }) => !/^\{"Service":"(lambda|codedeploy)\.amazonaws\.com"\}$/.test(textOf(Principal)))
      .map(() => finding('trust', id, 'may be taken by others than Lambda or CodeDeploy')),
  );

const checkKeyUse: Check = (template) =>
  policiesOf(template)
    .filter(([, { Action }]) => Action.some((action) => action.startsWith('kms:')))
    .filter(
      ([, { Condition, Resource }]) =>
        !textOf(Condition).includes('kms:ViaService') || !refersTo(Resource, 'EncryptionKey'),
    )
    .map(([id]) => finding('key-use', id, "may use the stack's key alone, and through a service"));

const checkAudit: Check = (template) =>
  policiesOf(template)
    .filter(([, { Resource }]) => /AuditLog(Group|Stream)/.test(textOf(Resource)))
    .filter(([id, { Action }]) => id !== 'ApiRole' || String(Action) !== 'logs:PutLogEvents')
    .map(([id, { Action }]) =>
      finding('audit-log', id, `may do ${Action.join(', ')}: the api adds to it, nobody reads or removes`),
    );

/** Policies on resources give nothing to the world: they only deny. */
const checkResourcePolicies: Check = (template) =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) =>
    /Policy$/.test(Type) && !Type.startsWith('AWS::IAM::')
      ? statementsOf(Properties['PolicyDocument'])
          .filter(
            ({ Effect, Principal, source }) =>
              Effect === 'Allow' && textOf(Principal).includes('"*"') && !source['Condition'],
          )
          .map(() => finding('public-policy', id, 'allows everybody'))
      : [],
  );

/** What roles and policies have to be: no more than the code does. */
export const roleChecks: readonly Check[] = [
  checkWildcards,
  checkManagedPolicies,
  checkTrust,
  checkKeyUse,
  checkAudit,
  checkResourcePolicies,
];
