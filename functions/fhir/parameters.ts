import { decodeUtf8 } from '../platform/decode-utf8.ts';
import { isNestedDeeper } from '../platform/is-nested-deeper.ts';
import { ServiceError, type ValidationIssue } from '../platform/service-error.ts';

/** One input parameter as an operation defines it. Structurally a report's `ParameterDefinition`. */
export interface InputDefinition {
  readonly name: string;
  readonly required: boolean;
  /** Accepted values in upper case; compared without case. */
  readonly values: readonly string[];
}

/** One parameter of type `string` as it was received. */
export interface StringParameter {
  readonly name: string;
  readonly valueString: string;
}

/** JSON deeper than this is refused before anything walks it. FHIR Parameters as this service takes them need three levels. */
const deepestNesting = 16;

const invalid = (issue: ValidationIssue, what: string): ServiceError =>
  new ServiceError('GENERAL_VALIDATION_ERROR', { issue, args: [what] });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A name may be repeated in an error only where it has a parameter name's form. */
const quote = (name: string): string =>
  /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name) ? `"${name}"` : 'with an unusable name';

/** A byte order mark is passed over. */
const decode = (body: Uint8Array): string => {
  const text = decodeUtf8(body);
  if (text === undefined) throw invalid('structure', 'the body is not valid UTF-8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
};

const parseJson = (body: Uint8Array): unknown => {
  const text = decode(body);
  if (isNestedDeeper(text, deepestNesting)) {
    throw invalid('structure', `the body is nested deeper than ${deepestNesting} levels`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('structure', 'the body is not valid JSON');
  }
};

/** Members that any resource may have and that change nothing here. */
const ignoredMembers: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'language', 'parameter']);

const readEntries = (resource: unknown): readonly unknown[] => {
  if (!isObject(resource)) throw invalid('structure', 'the body is not a JSON object');
  if (resource['resourceType'] !== 'Parameters') throw invalid('invalid', 'the body is not a Parameters resource');
  const stranger = Object.keys(resource).find((key) => !ignoredMembers.has(key));
  if (stranger !== undefined) throw invalid('structure', `Parameters has an unknown member ${quote(stranger)}`);
  const entries = Object.hasOwn(resource, 'parameter') ? resource['parameter'] : [];
  if (!Array.isArray(entries)) throw invalid('structure', '"parameter" is not an array');
  return entries;
};

const readEntry = (entry: unknown, definitions: readonly InputDefinition[]): StringParameter => {
  if (!isObject(entry)) throw invalid('structure', '"parameter" has an entry that is not an object');
  const name = entry['name'];
  if (typeof name !== 'string' || name === '') throw invalid('structure', 'a parameter has no name');
  if (!definitions.some((definition) => definition.name === name)) {
    throw invalid('not-supported', `parameter ${quote(name)} is not known`);
  }
  const keys = Object.keys(entry).filter((key) => key !== 'name');
  const values = keys.filter((key) => /^value[A-Z]/.test(key));
  if (values.length > 1) throw invalid('structure', `parameter ${quote(name)} has more than one value`);
  if (values.length === 1 && (keys.includes('part') || keys.includes('resource'))) {
    throw invalid('invariant', `parameter ${quote(name)} has a value and a part or resource (inv-1)`);
  }
  const value = entry['valueString'];
  if (values[0] !== 'valueString' || typeof value !== 'string') {
    throw invalid('value', `parameter ${quote(name)} needs a valueString`);
  }
  if (keys.length > 1) throw invalid('structure', `parameter ${quote(name)} has an unknown member`);
  return { name, valueString: value };
};

const checkEntries = (entries: readonly StringParameter[], definitions: readonly InputDefinition[], report: string) => {
  for (const { name, required, values } of definitions) {
    const given = entries.filter((entry) => entry.name === name);
    if (given.length > 1) throw invalid('structure', `parameter ${quote(name)} is repeated`);
    const value = given[0]?.valueString;
    if (value === undefined) {
      if (required) throw new ServiceError('REPORTING_MISSING_INPUT_PARAMETER', { args: [name, report] });
    } else if (!/^[A-Za-z_]+$/.test(value) || !values.includes(value.toUpperCase())) {
      // ASCII only: toUpperCase() folds other letters into it, a dotless i for one.
      throw invalid('value', `parameter ${quote(name)} is none of ${values.join(', ')}`);
    }
  }
};

/**
 * Reads the body of an operation: a Parameters resource with string parameters, each at most once, none unknown.
 * An empty body is a Parameters resource without parameters. Values come back as they were received.
 *
 * @param report the name that stands in the text for a missing parameter
 * @throws ServiceError `GENERAL_VALIDATION_ERROR` naming what is wrong, `REPORTING_MISSING_INPUT_PARAMETER`
 */
export const readParameters = (
  body: Uint8Array,
  definitions: readonly InputDefinition[],
  report: string,
): readonly StringParameter[] => {
  const resource = body.length === 0 ? { resourceType: 'Parameters' } : parseJson(body);
  const parameters = readEntries(resource).map((entry) => readEntry(entry, definitions));
  checkEntries(parameters, definitions, report);
  return parameters;
};
