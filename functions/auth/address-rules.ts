import { BlockList, isIP } from 'node:net';

/**
 * What an IP address may be used for: `public` by everyone, `private` (loopback, private, shared and unique local ranges) only
 * for a host that the operator trusts, `forbidden` (link-local with the metadata services, multicast, reserved) by nobody.
 */
export type AddressClass = 'public' | 'private' | 'forbidden';

type Subnet = readonly [network: string, prefix: number];

/** IANA special-purpose registry for IPv4 (RFC 6890 and its successors). */
const privateV4: readonly Subnet[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];
const forbiddenV4: readonly Subnet[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Unique local addresses, and loopback. */
const privateV6: readonly Subnet[] = [
  ['::1', 128],
  ['fc00::', 7],
];
/** fd00:ec2:: holds the AWS metadata, DNS and time services; 2001::/23 Teredo and protocol assignments; 2002::/16 hides an IPv4 address. */
const forbiddenV6: readonly Subnet[] = [
  ['fd00:ec2::', 32],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
const globalUnicastV6: readonly Subnet[] = [['2000::', 3]];

/** IPv6 prefixes whose last 32 bits are an IPv4 address: IPv4-mapped (RFC 4291 section 2.5.5.2) and NAT64 (RFC 6052). */
const embeddingPrefixes = ['::ffff:', '64:ff9b::'] as const;

const listOf = (v4: readonly Subnet[], v6: readonly Subnet[]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of v4) {
    list.addSubnet(network, prefix, 'ipv4');
    for (const embedding of embeddingPrefixes) list.addSubnet(`${embedding}${network}`, 96 + prefix, 'ipv6');
  }
  for (const [network, prefix] of v6) list.addSubnet(network, prefix, 'ipv6');
  return list;
};

const forbidden = listOf(forbiddenV4, forbiddenV6);
const privateUse = listOf(privateV4, privateV6);
/** All IPv4 addresses are, that are not in the lists above. */
const publicUse = listOf([['0.0.0.0', 0]], globalUnicastV6);

/**
 * The class of an IPv4 or IPv6 address. IPv4 addresses inside IPv6 ones are judged as what they are; IPv6 outside the global
 * unicast range 2000::/3 is never public. A text that is no address is `forbidden`.
 */
export const classifyAddress = (address: string): AddressClass => {
  const version = isIP(address);
  if (version === 0) return 'forbidden';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (forbidden.check(address, family)) return 'forbidden';
  if (privateUse.check(address, family)) return 'private';
  return publicUse.check(address, family) ? 'public' : 'forbidden';
};

/** Top-level labels that no public name has (RFC 6761, RFC 6762, RFC 7686, RFC 9476, ICANN's `internal`), and those in private use. */
const internalTopLevel =
  /^(?:local[a-z]*|internal|intranet|private|corp|home|lan|test|example|invalid|onion|arpa|alt)$/;

/**
 * Whether a host name in lower case can only be meant for a private network: it has a single label, or its top-level label
 * is reserved. A name that passes may still resolve to a private address: the connection checks that.
 */
export const isInternalName = (hostname: string): boolean => {
  const labels = hostname.replace(/\.$/, '').split('.');
  return labels.length < 2 || internalTopLevel.test(labels.at(-1) ?? '');
};
