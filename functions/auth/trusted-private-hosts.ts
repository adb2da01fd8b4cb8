import * as v from 'valibot';

/**
 * Hosts inside a private network whose key sets may be fetched, each as `host` (any port) or `host:port`, in lower case.
 * For issuers inside a VPC. Empty by default.
 */
export type TrustedPrivateHosts = ReadonlySet<string>;

/** Nobody is trusted: the default. */
export const noTrustedPrivateHosts: TrustedPrivateHosts = new Set();

const canonicalHost = (entry: string): string | undefined => {
  const text = `https://${entry}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.href !== `https://${url.host}/` || /[/?#@]/.test(entry)) return undefined;
  return /:\d+$/.test(entry) ? `${url.hostname}:${url.port || '443'}` : url.hostname;
};

const entriesOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/**
 * The setting `TRUSTED_PRIVATE_HOSTS` for a Lambda's config schema: `host` or `host:port`, separated by commas; absent or empty
 * means none. IPv6 addresses stand in brackets.
 */
export const trustedPrivateHostsSetting = v.optional(
  v.pipe(
    v.string(),
    v.check(
      (text) => entriesOf(text).every((entry) => canonicalHost(entry) !== undefined),
      'must be host names or host:port, separated by commas',
    ),
    v.transform(
      (text): TrustedPrivateHosts =>
        new Set(
          entriesOf(text)
            .map(canonicalHost)
            .filter((host) => host !== undefined),
        ),
    ),
  ),
  '',
);

/** Whether the operator trusts the host of an https URL although it is private. */
export const isTrustedPrivateHost = (url: URL, trusted: TrustedPrivateHosts): boolean =>
  trusted.has(url.hostname) || trusted.has(`${url.hostname}:${url.port || '443'}`);
