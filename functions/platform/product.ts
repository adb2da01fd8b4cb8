/**
 * What this software calls itself and its version, for `x-powered-by`, the CapabilityStatement and a report's provenance.
 * Equal to `name` and `version` of `package.json`, which is not deployed.
 */
export const product = { name: 'serverless-reporting', version: '0.1.0' } as const;

/** When this version was released, as a FHIR date. Changes together with the version. */
export const released = '2026-11-23';
