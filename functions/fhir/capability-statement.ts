import type { OperationDefinition, Publication } from './operation-definition.ts';

/** An interaction with one type of resource (http://hl7.org/fhir/ValueSet/type-restful-interaction). */
export interface Interaction {
  readonly resource: string;
  readonly code: 'read' | 'vread' | 'delete' | 'history-instance';
}

const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';
const dataAbsentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** There is no one address to name, and an address that is not the caller's tenant's would be wrong. */
const notApplicable = { extension: [{ url: dataAbsentReason, valueCode: 'not-applicable' }] };

const security = {
  extension: [
    {
      url: oauthUris,
      extension: [
        { url: 'token', _valueUri: notApplicable },
        { url: 'authorize', _valueUri: notApplicable },
      ],
    },
  ],
  cors: false,
  service: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'OAuth' }],
      text: 'OAuth 2.0',
    },
  ],
  description:
    'Bearer tokens (JWT) in the Authorization header. Each tenant has an OpenID issuer of its own, and its tokens come from there: `<issuer>/.well-known/openid-configuration` names the addresses that `oauth-uris` cannot. The capability statement and the operation definitions need no token.',
};

/** What goes beyond the list of interactions, by type of resource. True only for these. */
const abilities: Readonly<Record<string, object>> = {
  Binary: { versioning: 'versioned', readHistory: true, updateCreate: false, conditionalRead: 'not-match' },
  OperationDefinition: { versioning: 'no-version', conditionalRead: 'not-match' },
};

const describeResources = (interactions: readonly Interaction[]) =>
  [...Map.groupBy(interactions, ({ resource }) => resource)].map(([type, own]) => ({
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: own.map(({ code }) => ({ code })),
    ...abilities[type],
  }));

/**
 * A FHIR R4 CapabilityStatement (http://hl7.org/fhir/R4/capabilitystatement.html) of a running instance: these interactions and
 * operations, JSON only, and nothing else.
 */
export const describeCapabilities = (
  { baseUrl, product, released }: Publication,
  interactions: readonly Interaction[],
  operations: readonly OperationDefinition[],
) => ({
  resourceType: 'CapabilityStatement' as const,
  url: `${baseUrl}/metadata`,
  version: product.version,
  name: 'ServerlessReporting',
  title: 'Serverless reporting',
  status: 'active' as const,
  date: released,
  publisher: product.name,
  kind: 'instance' as const,
  software: { name: product.name, version: product.version, releaseDate: released },
  implementation: { description: 'Reports over episodes of care', url: baseUrl },
  fhirVersion: '4.0.1' as const,
  format: ['application/fhir+json', 'json'],
  rest: [
    {
      mode: 'server' as const,
      security,
      resource: describeResources(interactions),
      operation: operations.map(({ code, url, description }) => ({
        name: code,
        definition: url,
        documentation: description,
      })),
    },
  ],
});
