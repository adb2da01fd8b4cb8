import * as v from 'valibot';
import { findAddressProblem } from './https-address.ts';
import type { TrustedPrivateHosts } from './trusted-private-hosts.ts';

/** How the service signs in at a tenant's FHIR server. The secret itself is never here: `secret` is its name in the secret store. */
export type ImportSignIn =
  /** SMART Backend Services (SMART App Launch 2.0): a signed assertion; the secret is a private key as JWK, RSA or P-384, with its `kid`. */
  | {
      readonly kind: 'smart-backend';
      readonly clientId: string;
      readonly secret: string;
      readonly scope: string;
      /** Without: found in `<baseUrl>/.well-known/smart-configuration`. */
      readonly tokenUrl?: string | undefined;
    }
  /** OAuth 2.0 client credentials with a secret (RFC 6749 section 4.4), as of a Keycloak client. */
  | {
      readonly kind: 'client-secret';
      readonly clientId: string;
      readonly secret: string;
      readonly scope?: string | undefined;
      readonly tokenUrl: string;
    };

/** Where a tenant's data sets come from: a FHIR server with Bulk Data export. */
export interface ImportSource {
  /** `fut`: kicked off by POST with Parameters, as FUT's careplan service has it. `bulk-data`: by GET (Bulk Data Access IG 2.0.0). */
  readonly kind: 'fut' | 'bulk-data';
  /** Of the FHIR server, https, without a slash at its end. */
  readonly baseUrl: string;
  /** Export of a Group's patients (`Group/<id>/$export`) instead of the whole server. */
  readonly group?: string | undefined;
  /** Further hosts, `host` or `host:port`, that files may come from and tokens may be asked of. That of `baseUrl` need not be named. */
  readonly hosts: readonly string[];
  readonly signIn: ImportSignIn;
  /** How many of the newest data sets are kept. Default 3. */
  readonly keep: number;
  /** Whether an import is begun every night, before scheduled reports are made. Default true. */
  readonly nightly: boolean;
}

const name = (pattern: RegExp, words: string) => v.pipe(v.string('must be a text'), v.regex(pattern, words));

const visibleText = (max: number) =>
  v.pipe(
    v.string('must be a text'),
    v.regex(/^[\x20-\x7e]+$/, 'must be visible ASCII characters'),
    v.maxLength(max, `must be at most ${max} characters`),
  );

const address = (trusted: TrustedPrivateHosts) =>
  v.pipe(
    v.string('must be a text'),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? findAddressProblem(dataset.value, trusted) : undefined;
      if (problem !== undefined) addIssue({ message: problem });
    }),
  );

const withoutQuery = (trusted: TrustedPrivateHosts) =>
  v.pipe(
    address(trusted),
    v.check((text) => !text.includes('?'), 'must not have a query'),
    v.transform((text) => text.replace(/(?<!\/)\/+$/, '')),
  );

/** The part of a secret's name that a tenant's record gives; the tenant's own prefix comes before it. */
const secretName = name(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'must be 1 to 64 characters of a-z, 0-9 and inner -');

const hostName = name(
  /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?$/,
  'must be a host or host:port, in lower case',
);

const signIn = (trusted: TrustedPrivateHosts) =>
  v.variant(
    'kind',
    [
      v.object({
        kind: v.literal('smart-backend'),
        clientId: visibleText(256),
        secret: secretName,
        scope: v.optional(visibleText(512), 'system/EpisodeOfCare.read'),
        tokenUrl: v.optional(address(trusted)),
      }),
      v.object({
        kind: v.literal('client-secret'),
        clientId: visibleText(256),
        secret: secretName,
        scope: v.optional(visibleText(512)),
        tokenUrl: address(trusted),
      }),
    ],
    'must be an object whose kind is smart-backend or client-secret',
  );

/** The most data sets that a tenant can have kept. */
export const mostKept = 30;

/** The member `keep` of `import`. */
export const keepSchema = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(1, 'must be at least 1'),
    v.maxValue(mostKept, `must be at most ${mostKept}`),
  ),
  3,
);

/** The member `import` of a tenant's record. Whether files' hosts are private is judged when they are connected to. */
export const importSourceSchema = (trusted: TrustedPrivateHosts) =>
  v.object(
    {
      kind: v.picklist(['fut', 'bulk-data'], 'must be fut or bulk-data'),
      baseUrl: withoutQuery(trusted),
      // In an address, . and .. are steps of the path: the order would be one for the whole server.
      group: v.optional(name(/^(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}$/, 'must be the id of a Group')),
      hosts: v.optional(
        v.pipe(v.array(hostName, 'must be a list'), v.maxLength(16, 'must have at most 16 entries')),
        [],
      ),
      signIn: signIn(trusted),
      keep: keepSchema,
      nightly: v.optional(v.boolean('must be true or false'), true),
    },
    'must be an object',
  );

/** Whether a tenant lets the service call an https URL: its host is that of `baseUrl`, or one of `hosts`. */
export const isAllowedHost = ({ baseUrl, hosts }: Pick<ImportSource, 'baseUrl' | 'hosts'>, url: URL): boolean =>
  url.host === new URL(baseUrl).host ||
  hosts.includes(url.host) ||
  hosts.includes(`${url.hostname}:${url.port || '443'}`);
