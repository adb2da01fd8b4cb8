const text = { type: 'string' } as const;

const header = (description: string, schema: object = text) => ({ description, schema });

/** Headers by the name that stands in answers; the document refers to them. */
export const headers = {
  'x-request-id': header('The X-Request-Id of the request where it was sane, else a new UUID'),
  'x-powered-by': header('This product and its version'),
  'x-content-type-options': header('`nosniff`'),
  'x-frame-options': header('`DENY`'),
  'x-xss-protection': header('`0`'),
  'cache-control': header('Answers of public paths may be kept for some minutes, all others by nobody'),
  pragma: header('`no-cache`, where nothing may be kept'),
  expires: header('`0`, where nothing may be kept'),
  vary: header('Which request headers decided about the form'),
  'content-encoding': header('`gzip`, for JSON over 1 kB where it is accepted'),
  'content-disposition': header('A file name, where the content itself is answered'),
  'content-location': header('The address of the version that is answered'),
  location: header('The address of the new version, or of the content where it is too large for an answer'),
  'last-modified': header('When the version was made'),
  etag: header('Weak; of a Binary its version id'),
  'retry-after': header('Seconds after which asking again makes sense', { type: 'integer', minimum: 1 }),
  'www-authenticate': header('A Bearer challenge (RFC 6750)'),
} as const;

/** The name of a response header. */
export type HeaderName = keyof typeof headers;

const onEveryAnswer: readonly HeaderName[] = [
  'x-request-id',
  'x-powered-by',
  'x-content-type-options',
  'x-frame-options',
  'x-xss-protection',
  'cache-control',
];

/** Headers of an answer: these, and those that stand on every one. */
export const referToHeaders = (names: readonly HeaderName[], isPublic = false) =>
  Object.fromEntries(
    [...onEveryAnswer, ...(isPublic ? [] : (['pragma', 'expires'] as const)), ...names].map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );

const resourceTypes = [
  'Binary',
  'Bundle',
  'CapabilityStatement',
  'OperationDefinition',
  'OperationOutcome',
  'Parameters',
] as const;

/** The name of a resource's schema. */
export type SchemaName = (typeof resourceTypes)[number];

/** Resources by their type alone: what is inside is FHIR's to say. */
export const schemas = Object.fromEntries(
  resourceTypes.map((type) => [
    type,
    {
      type: 'object',
      description: `A FHIR R4 ${type}`,
      externalDocs: { url: `http://hl7.org/fhir/R4/${type.toLowerCase()}.html` },
      required: ['resourceType'],
      properties: { resourceType: { const: type } },
    },
  ]),
);

/** A body of FHIR JSON with a resource of this type. */
export const fhirContent = (schema: SchemaName) => ({
  'application/fhir+json': { schema: { $ref: `#/components/schemas/${schema}` } },
});
