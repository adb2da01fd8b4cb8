import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseTemplate } from '../infra/parse-template.ts';
import { readParameters } from '../infra/read-parameters.ts';
import { localRegion } from './aws-environment.ts';

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
  readonly functions: Readonly<
    Record<'api' | 'worker' | 'dispatcher' | 'cleaner' | 'importer' | 'auditor', FunctionTemplate>
  >;
  /** The parameters of the stage `dev` in the region that the embedded runtime pretends to be in. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

const infra = fileURLToPath(new URL('../infra/', import.meta.url));

const readTemplate = async <Content>(name: string): Promise<Content> =>
  parseTemplate(await readFile(`${infra}${name}`, 'utf8')) as Content;

/** Reads the files that are deployed, so that what runs here cannot drift from them. */
export const readInfraTemplate = async (): Promise<InfraTemplate> => {
  const groups = await Promise.all(
    ['tables', 'buckets', 'queues', 'audit'].map((name) =>
      readTemplate<{ Resources: Record<string, ResourceTemplate> }>(`resources/${name}.yml`),
    ),
  );
  const [api, worker, dispatcher, cleaner, importer, auditor] = await Promise.all([
    readTemplate<FunctionTemplate>('functions/api.yml'),
    readTemplate<FunctionTemplate>('functions/worker.yml'),
    readTemplate<FunctionTemplate>('functions/dispatcher.yml'),
    readTemplate<FunctionTemplate>('functions/cleaner.yml'),
    readTemplate<FunctionTemplate>('functions/importer.yml'),
    readTemplate<FunctionTemplate>('functions/auditor.yml'),
  ]);
  return {
    resources: Object.assign({}, ...groups.map(({ Resources }) => Resources)) as InfraTemplate['resources'],
    functions: { api, worker, dispatcher, cleaner, importer, auditor },
    parameters: readParameters(localRegion),
  };
};
