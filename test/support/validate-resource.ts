import { readR4Definitions } from './r4-definitions.ts';

/** Judges one resource: what is wrong with it. */
type Judge = (resource: object) => readonly string[];

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * The one place where the service leaves R4 on purpose, because FUT's clients know it so: in the job status `fullUrl` is the bare id
 * of the job, a UUID. (R4 wants an absolute URI, `urn:uuid:…`: bundle.html#bundle-unique.)
 */
const isBareJobId = (bundle: JsonObject, { fullUrl, resource }: JsonObject): boolean =>
  bundle['type'] === 'collection' &&
  isObject(resource) &&
  resource['resourceType'] === 'Parameters' &&
  resource['id'] === fullUrl;

const judgeFullUrls = (bundle: JsonObject, path: string): readonly string[] => {
  const { entry = [] } = bundle as { readonly entry?: readonly JsonObject[] };
  return entry.flatMap((one, at) => {
    const { fullUrl } = one;
    if (fullUrl === undefined || URL.canParse(String(fullUrl)) || isBareJobId(bundle, one)) return [];
    return [`${path}.entry[${at}].fullUrl is not absolute`];
  });
};

/** What R4 says of JSON and of ids, and neither of the two libraries looks at (json.html, datatypes.html#id). */
const judgeJson = (value: unknown, path: string): readonly string[] => {
  if (value === '' || value === null) return [`${path} is empty`];
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${path} is empty`];
    return value.flatMap((item, at) => judgeJson(item, `${path}[${at}]`));
  }
  if (!isObject(value)) return [];
  const members = Object.entries(value);
  if (members.length === 0) return [`${path} is empty`];
  const { resourceType, id } = value;
  return [
    ...(resourceType !== undefined && id !== undefined && !idPattern.test(String(id)) ? [`${path}.id is no id`] : []),
    ...(resourceType === 'Bundle' ? judgeFullUrls(value, path) : []),
    ...members.flatMap(([name, member]) => judgeJson(member, `${path}.${name}`)),
  ];
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Structure, cardinality, types, formats and invariants, by HL7's StructureDefinitions. */
const createStructureJudge = async (): Promise<Judge> => {
  const { indexStructureDefinitionBundle, validateResource: validate } = await import('@medplum/core');
  indexStructureDefinitionBundle((await readR4Definitions()) as Parameters<typeof indexStructureDefinitionBundle>[0]);
  return (resource) => {
    try {
      return validate(resource as Parameters<typeof validate>[0], { base64BinaryMaxBytes: 10_000_000 }).map(
        ({ details }) => details?.text ?? 'an issue',
      );
    } catch (error) {
      return [messageOf(error)];
    }
  };
};

/** Codes of required value sets, by another library, since the first does not look at them. */
const createCodeJudge = async (): Promise<Judge> => {
  const { Fhir } = await import('fhir');
  const fhir = new Fhir();
  return (resource) => {
    try {
      const { messages } = fhir.validate(resource, { errorOnUnexpected: true });
      return messages
        .filter(({ severity }) => ['error', 'fatal'].includes(String(severity)))
        .map(({ location = '', message = '' }) => `${location}: ${message}`);
    } catch (error) {
      return [messageOf(error)];
    }
  };
};

let judges: Promise<readonly Judge[]> | undefined;

/**
 * Passes a resource that is valid FHIR R4 (4.0.1), with all that it contains.
 *
 * @throws Error that lists everything that is wrong with it
 */
export const validateResource = async (resource: unknown): Promise<void> => {
  judges ??= Promise.all([createStructureJudge(), createCodeJudge()]);
  const problems = isObject(resource)
    ? [...judgeJson(resource, String(resource['resourceType'])), ...(await judges).flatMap((judge) => judge(resource))]
    : ['it is not a JSON object'];
  if (problems.length > 0) throw new Error(`not valid FHIR R4: ${problems.join('; ')}`);
};
