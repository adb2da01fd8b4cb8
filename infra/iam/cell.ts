import type { Template } from '../checks/template.ts';

/** A stack as if it were deployed: what its references stand for. */
export interface Cell {
  readonly account: string;
  readonly region: string;
  /** A part of the template with every reference replaced by what it would be. */
  resolve(part: unknown): unknown;
  /** What `Fn::GetAtt: [id, Arn]` gives. */
  arn(id: string): string;
}

/** AWS's example account. */
const account = '111122223333';
const stack = 'serverless-reporting-prod';

type Name = (id: string, properties: Readonly<Record<string, unknown>>) => string;

const generated: Name = (id) => `${stack}-${id}-1A2B3C`;
const names: Readonly<Record<string, Name>> = {
  'AWS::S3::Bucket': (id) => generated(id, {}).toLowerCase(),
  'AWS::Lambda::Function': (_id, { FunctionName }) => String(FunctionName),
  'AWS::Logs::LogGroup': (id, { LogGroupName }) => String(LogGroupName ?? generated(id, {})),
  'AWS::Logs::LogStream': (_id, { LogStreamName }) => String(LogStreamName),
  'AWS::KMS::Key': () => '01234567-89ab-cdef-0123-456789abcdef',
};

const arnForms: Readonly<Record<string, (name: string, region: string) => string>> = {
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name}`,
  'AWS::DynamoDB::Table': (name, region) => `arn:aws:dynamodb:${region}:${account}:table/${name}`,
  'AWS::SQS::Queue': (name, region) => `arn:aws:sqs:${region}:${account}:${name}`,
  'AWS::Lambda::Function': (name, region) => `arn:aws:lambda:${region}:${account}:function:${name}`,
  'AWS::Logs::LogGroup': (name, region) => `arn:aws:logs:${region}:${account}:log-group:${name}:*`,
  'AWS::IAM::Role': (name) => `arn:aws:iam::${account}:role/${name}`,
  'AWS::KMS::Key': (name, region) => `arn:aws:kms:${region}:${account}:key/${name}`,
  'AWS::CloudWatch::Alarm': (name, region) => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
  'AWS::SNS::Topic': (name, region) => `arn:aws:sns:${region}:${account}:${name}`,
};

/**
 * Names everything in a template as AWS would, so that its policies can be judged.
 *
 * @throws Error for a reference to what the template does not have, or to an attribute that has no name here
 */
export const layOutCell = ({ Resources }: Template, region: string): Cell => {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackName': stack,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const find = (id: string) => {
    const resource = Resources[id];
    if (resource === undefined) throw new Error(`the template has no ${id}`);
    return resource;
  };
  const name = (id: string): string => {
    const { Type, Properties } = find(id);
    return (names[Type] ?? generated)(id, Properties);
  };
  const arn = (id: string): string => {
    const form = arnForms[find(id).Type];
    if (form === undefined) throw new Error(`infra/iam/cell.ts does not know the ARN of a ${find(id).Type}`);
    return form(name(id), region);
  };
  const ref = (id: string): string => pseudo[id] ?? (Resources[id]?.Type === 'AWS::SNS::Topic' ? arn(id) : name(id));
  const substitute = (text: string): string =>
    text.replace(/\$\{([\w:]+)(\.Arn)?\}/g, (_whole, id: string, isArn?: string) => (isArn ? arn(id) : ref(id)));

  const resolve = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolve);
    if (typeof part !== 'object' || part === null) return part;
    const { Ref, 'Fn::GetAtt': path, 'Fn::Sub': text, 'Fn::Join': join } = part as Record<string, unknown>;
    if (typeof Ref === 'string') return ref(Ref);
    if (typeof text === 'string') return substitute(text);
    if (Array.isArray(path) && path[1] === 'Arn') return arn(String(path[0]));
    if (Array.isArray(path)) throw new Error(`infra/iam/cell.ts does not know ${path.join('.')}`);
    if (Array.isArray(join)) return (resolve(join[1]) as string[]).join(String(join[0]));
    return Object.fromEntries(Object.entries(part).map(([member, value]) => [member, resolve(value)]));
  };
  return { account, region, resolve, arn };
};
