import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type CollectionTag, parse, type ScalarTag, type YAMLSeq } from 'yaml';

/** A CloudFormation resource as it stands in `infra/resources/`, intrinsic functions in their long form. */
export interface ResourceTemplate {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** One deployed function as it stands in `infra/functions/`, as far as the embedded runtime needs it. */
export interface FunctionTemplate {
  /** Seconds. */
  readonly timeout: number;
  /** Megabytes. */
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** What `infra/` says, unresolved: references and `${param:…}` are still in it. */
export interface InfraTemplate {
  /** By logical id. */
  readonly resources: Readonly<Record<string, ResourceTemplate>>;
  readonly functions: Readonly<Record<'api' | 'worker' | 'dispatcher' | 'cleaner', FunctionTemplate>>;
  /** The parameters of the stage `default`. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

const infra = fileURLToPath(new URL('../infra/', import.meta.url));

/** CloudFormation's short forms that `infra/` uses, read as their long forms. */
const customTags: (ScalarTag | CollectionTag)[] = [
  { tag: '!Ref', resolve: (id: string) => ({ Ref: id }) },
  { tag: '!Sub', resolve: (text: string) => ({ 'Fn::Sub': text }) },
  { tag: '!GetAtt', resolve: (path: string) => ({ 'Fn::GetAtt': path.split('.') }) },
  { tag: '!GetAtt', collection: 'seq', resolve: (items) => ({ 'Fn::GetAtt': (items as YAMLSeq).toJSON() }) },
];

/** A YAML file with CloudFormation's short forms, as plain data. */
export const parseTemplate = (text: string): unknown => parse(text, { customTags });

const readTemplate = async <Content>(name: string): Promise<Content> =>
  parseTemplate(await readFile(`${infra}${name}`, 'utf8')) as Content;

/** Reads the files that are deployed, so that what runs here cannot drift from them. */
export const readInfraTemplate = async (): Promise<InfraTemplate> => {
  const groups = await Promise.all(
    ['tables', 'buckets', 'queues', 'audit'].map((name) =>
      readTemplate<{ Resources: Record<string, ResourceTemplate> }>(`resources/${name}.yml`),
    ),
  );
  const [api, worker, dispatcher, cleaner, stages] = await Promise.all([
    readTemplate<FunctionTemplate>('functions/api.yml'),
    readTemplate<FunctionTemplate>('functions/worker.yml'),
    readTemplate<FunctionTemplate>('functions/dispatcher.yml'),
    readTemplate<FunctionTemplate>('functions/cleaner.yml'),
    readTemplate<{ default: Record<string, unknown> }>('stages.yml'),
  ]);
  return {
    resources: Object.assign({}, ...groups.map(({ Resources }) => Resources)) as InfraTemplate['resources'],
    functions: { api, worker, dispatcher, cleaner },
    parameters: stages.default,
  };
};
