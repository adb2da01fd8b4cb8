/** One input parameter of type `string`, at most once. */
export interface InputDescription {
  readonly name: string;
  readonly required: boolean;
  readonly documentation: string;
}

/** What a system-level operation is, before it has an address. */
export interface OperationDescription {
  /** The name behind the `$`: `execute-patient-usage-stats`. */
  readonly code: string;
  readonly title: string;
  /** Markdown. */
  readonly description: string;
  /** `false` where GET is offered too (FHIR R4 operations.html#executing). */
  readonly affectsState: boolean;
  readonly inputs: readonly InputDescription[];
  /** The type of the resource that it answers. */
  readonly returns: 'Binary' | 'Bundle';
}

/** A service that describes itself: its public address, its version and when that was released. */
export interface Publication {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly product: { readonly name: string; readonly version: string };
  /** A FHIR date: `2026-11-23`. */
  readonly released: string;
}

/** The id of an operation's definition, as HAPI forms it for an operation of the whole system: `-s-` and its code. */
export const toDefinitionId = (code: string): string => `-s-${code}`;

/** The canonical address of an operation's definition; it can be read there. */
export const toDefinitionUrl = (baseUrl: string, code: string): string =>
  `${baseUrl}/OperationDefinition/${toDefinitionId(code)}`;

/** A name that generated code can use (FHIR R4, constraint opd-0): `ExecutePatientUsageStats`. */
const toName = (code: string): string =>
  code
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** A FHIR R4 OperationDefinition (http://hl7.org/fhir/R4/operationdefinition.html) of one operation of this service. */
export const describeOperation = (
  { baseUrl, product, released }: Publication,
  { code, title, description, affectsState, inputs, returns }: OperationDescription,
) => ({
  resourceType: 'OperationDefinition' as const,
  id: toDefinitionId(code),
  url: toDefinitionUrl(baseUrl, code),
  version: product.version,
  name: toName(code),
  title,
  status: 'active' as const,
  kind: 'operation' as const,
  date: released,
  publisher: product.name,
  description,
  affectsState,
  code,
  system: true,
  type: false,
  instance: false,
  parameter: [
    ...inputs.map(({ name, required, documentation }) => ({
      name,
      use: 'in',
      min: required ? 1 : 0,
      max: '1',
      documentation,
      type: 'string',
    })),
    { name: 'return', use: 'out', min: 1, max: '1', type: returns },
  ],
});

/** A FHIR R4 OperationDefinition as this service answers it. */
export type OperationDefinition = ReturnType<typeof describeOperation>;
