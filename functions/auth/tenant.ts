import type { ImportSource } from './import-source.ts';

declare const tenantIdBrand: unique symbol;

/**
 * The id of a tenant: 1 to 32 characters of `a-z`, `0-9` and inner `-`. Branded, so that no plain string becomes one by accident:
 * the registry makes it from the tenant's own record, which a verified token selects, and {@link restoreTenantId} reads it
 * back from what this service wrote itself (queue messages, index entries).
 */
export type TenantId = string & { readonly [tenantIdBrand]: true };

const tenantIdPattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Whether a text has the form of a tenant id. */
export const isTenantId = (text: string): text is TenantId => tenantIdPattern.test(text);

/**
 * The tenant id in a record that this service wrote itself. Never for anything that a caller sent.
 *
 * @throws TypeError when the text does not have a tenant id's form: the record is damaged.
 */
export const restoreTenantId = (text: string): TenantId => {
  if (!isTenantId(text)) throw new TypeError('a stored tenant id is malformed');
  return text;
};

/** Signature algorithms that a tenant may allow (RFC 7518 section 3.1, RFC 8037). Never `none`, never HMAC, never RSA-PSS. */
export const signatureAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** One of the signature algorithms. */
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** A tenant's night, in times of its own clock: milliseconds since midnight. */
export interface NightWindow {
  /** From then on scheduled reports are made. Later than `to`: in the evening before. Default 01:00. */
  readonly from: number;
  /** Until then the last of them is begun. Default 05:00. */
  readonly to: number;
  /** By then they have ended, on the day of `to`. Default 07:00. */
  readonly readyBy: number;
}

/** One customer: whose tokens are believed, and how its statistic is counted. */
export interface Tenant {
  readonly id: TenantId;
  /** `false`: every token is refused; jobs that wait still end. */
  readonly enabled: boolean;
  /** The AWS region that serves the tenant and keeps its data. Absent in older records: then it is the one whose table they stand in. */
  readonly region?: string;
  /** The public address of the service in `region`. Told to the tenant's own callers where another region is asked, and to nobody else. */
  readonly regionBaseUrl?: string;
  /** `true` where `region` is another one than that of who read the record: nothing is done for the tenant here. */
  readonly elsewhere?: true;
  /** The `iss` that selects this tenant, compared to the letter. No two tenants share one. */
  readonly issuer: string;
  /** Where the issuer publishes its keys; always `https:`. */
  readonly jwksUri: string;
  /** Accepted `aud` values; a token needs one of them. */
  readonly audience: readonly string[];
  /** Accepted `alg` values. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Path of the claim with the roles. Default `realm_access.roles`. */
  readonly rolesClaim: readonly string[];
  /** IANA time zone that decides which day an instant falls on. Default `Europe/Copenhagen`. */
  readonly timeZone: string;
  /** Patients a month that are covered by the basic fee. Default 10000. */
  readonly baseline: number;
  /** Malformed lines of a data set that are left out instead of failing the report. Default 0. */
  readonly toleratedLines: number;
  /** Which of the three operations the tenant may call. */
  readonly operations: { readonly execute: boolean; readonly schedule: boolean; readonly fetch: boolean };
  /** The most jobs of each mode that may be open at a time; a further order is refused. Default 100 and 1000. */
  readonly openJobs: { readonly execute: number; readonly schedule: number };
  /** When scheduled reports are made. */
  readonly night: NightWindow;
  /** The most episodes of care that a data set may have for a report to be made within the call, 2 million at most. Default 250000. */
  readonly synchronousEpisodes: number;
  /** Where its data sets come from. Absent: they are loaded by hand. */
  readonly import?: ImportSource | undefined;
}
