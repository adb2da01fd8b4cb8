import { runSimulation } from '@cloud-copilot/iam-simulate';
import { type Template, textOf } from '../checks/template.ts';
import { type Cell, layOutCell } from './cell.ts';

/** What IAM would answer: `denied` by a statement that says so, `not allowed` for want of one that allows. */
export type Decision = 'allowed' | 'denied' | 'not allowed';

/** A call of AWS: who, what, on which resource, and what the request carries. */
export interface Call {
  /** The logical id of a role; or `administrator`, who may do everything in the account, or `stranger`, the same of another account. */
  readonly principal: string;
  /** As IAM names it: `s3:PutObject`. */
  readonly action: string;
  /** A logical id and what comes after its ARN, or a whole ARN; `${AWS::Region}` and the like are replaced in both. */
  readonly resource: string;
  /** Condition keys of the request. */
  readonly context?: Readonly<Record<string, string>>;
}

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Principals that no stack has: who may do everything in this account, or in another one. */
const outsiders: Readonly<Record<string, { readonly arn: string; readonly account: string }>> = {
  administrator: { arn: 'arn:aws:iam::111122223333:role/administrator', account: '111122223333' },
  stranger: { arn: 'arn:aws:iam::444455556666:role/administrator', account: '444455556666' },
};

const documentsOf = (policies: unknown): unknown[] =>
  ((policies ?? []) as { PolicyDocument: unknown }[]).map(({ PolicyDocument }) => PolicyDocument);

/** What a role is allowed by its own policies, and by those that name it. */
const identityPolicies = ({ Resources }: Template, role: string): unknown[] => [
  ...documentsOf(Resources[role]?.Properties['Policies']),
  ...Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::IAM::ManagedPolicy' && textOf(Properties['Roles']).includes(`{"Ref":"${role}"}`)
      ? [Properties['PolicyDocument']]
      : [],
  ),
];

/** The policy on the resource itself, merged of all that name it. */
const resourcePolicy = ({ Resources }: Template, id: string): unknown => {
  if (Resources[id]?.Type === 'AWS::KMS::Key') return Resources[id].Properties['KeyPolicy'];
  const members: Readonly<Record<string, string>> = {
    'AWS::S3::BucketPolicy': 'Bucket',
    'AWS::SQS::QueuePolicy': 'Queues',
    'AWS::SNS::TopicPolicy': 'Topics',
  };
  const statements = Object.values(Resources).flatMap(({ Type, Properties }) => {
    const member = members[Type];
    if (member === undefined || !textOf(Properties[member]).includes(`{"Ref":"${id}"}`)) return [];
    return [(Properties['PolicyDocument'] as { Statement: unknown }).Statement].flat();
  });
  return statements.length === 0 ? undefined : { Version: '2012-10-17', Statement: statements };
};

/** `ContentBucket/demo/x` and `AuditLogGroup` as ARNs; a log group's without the `:*` that CloudFormation ends it with. */
const arnOf = (cell: Cell, id: string, rest: string): string => `${cell.arn(id).replace(/:\*$/, '')}${rest}`;

const resolveContext = (cell: Cell, context: Call['context'] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(context).map(([key, text]) => [key, String(cell.resolve({ 'Fn::Sub': text }))]));

/**
 * What IAM answers to a call, by the policies of a template: those of the role and those on the resource. Evaluated by iam-simulate, which
 * knows actions, resource types and condition keys, and refuses those that AWS does not have.
 *
 * @throws Error when the call cannot be judged: an unknown action, or a condition key that the action does not have
 */
export const decide = async (template: Template, region: string, call: Call): Promise<Decision> => {
  const cell = layOutCell(template, region);
  const [, id = '', rest = ''] = /^(?!arn:)(\w+)(.*)$/.exec(call.resource) ?? [];
  const resource = id === '' ? String(cell.resolve({ 'Fn::Sub': call.resource })) : arnOf(cell, id, rest);
  const outsider = outsiders[call.principal];
  const policies = outsider === undefined ? identityPolicies(template, call.principal) : [everything];
  const policy = resourcePolicy(template, id);
  const result = await runSimulation(
    {
      request: {
        principal: outsider?.arn ?? cell.arn(call.principal),
        action: call.action,
        resource: { resource, accountId: cell.account },
        contextVariables: {
          'aws:SecureTransport': 'true',
          'aws:PrincipalAccount': outsider?.account ?? cell.account,
          ...(template.Resources[id]?.Type === 'AWS::KMS::Key' && {
            'kms:CallerAccount': outsider?.account ?? cell.account,
          }),
          ...resolveContext(cell, call.context),
        },
      },
      identityPolicies: policies.map((one, index) => ({ name: `policy-${index}`, policy: cell.resolve(one) })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: policy === undefined ? undefined : cell.resolve(policy),
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(`${textOf(call)}: ${textOf(result.errors)}`);
  if (result.overallResult === 'Allowed') return 'allowed';
  return result.overallResult === 'ExplicitlyDenied' ? 'denied' : 'not allowed';
};
