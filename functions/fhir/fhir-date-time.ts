/** A FHIR instant in UTC with milliseconds, as HAPI writes `meta.lastUpdated`: `2026-04-16T11:44:11.919+00:00`. */
export const toFhirInstant = (millis: number): string => `${new Date(millis).toISOString().slice(0, -1)}+00:00`;

/** A FHIR dateTime in UTC to the second, as HAPI writes job times: `2023-10-12T09:51:50+00:00`. */
export const toFhirDateTime = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}+00:00`;

/** An HTTP date (RFC 9110 section 5.6.7): `Thu, 16 Apr 2026 11:44:11 GMT`. */
export const toHttpDate = (millis: number): string => new Date(millis).toUTCString();
