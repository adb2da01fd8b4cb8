import { isIP } from 'node:net';
import { type AddressClass, classifyAddress, isInternalName } from './address-rules.ts';
import { isTrustedPrivateHost, type TrustedPrivateHosts } from './trusted-private-hosts.ts';

const longestUri = 2048;

const classifyHost = (hostname: string): AddressClass => {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return classifyAddress(bare);
  return isInternalName(hostname) ? 'private' : 'public';
};

/**
 * What keeps a text from being an address that the service itself calls (a key set, a tenant's FHIR server), or `undefined` when nothing
 * does. The rule against server-side request forgery (OWASP API7:2023): absolute `https:`, no credentials, no fragment, no longer than it may be, and no address or name of
 * a private network unless the operator trusts that host. Link-local and metadata addresses are never accepted.
 *
 * @param longest characters; 2048 by default, enough for whatever a person writes down
 */
export const findAddressProblem = (
  text: string,
  trusted: TrustedPrivateHosts,
  longest = longestUri,
): string | undefined => {
  if (text.length > longest) return `must be at most ${longest} characters`;
  if (!URL.canParse(text)) return 'must be an absolute URL';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not carry credentials';
  if (url.hash !== '') return 'must not carry a fragment';
  const host = classifyHost(url.hostname);
  if (host === 'public' || (host === 'private' && isTrustedPrivateHost(url, trusted))) return undefined;
  return host === 'private' ? 'must not point into a private network' : 'must not point at a reserved address';
};
