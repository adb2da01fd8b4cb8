import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyAddress, isInternalName } from '../../functions/auth/address-rules.ts';

describe('classifyAddress', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.1.1',
    '100.63.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a02::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s is public', (address) => expect(classifyAddress(address)).toBe('public'));

  it.each([
    '127.0.0.1',
    '127.255.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fd00::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::10.0.0.1',
  ])('%s is private', (address) => expect(classifyAddress(address)).toBe('private'));

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
    '0.0.0.0',
    '::',
    '::7f00:1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '192.0.2.1',
    'example.org',
    '',
  ])('%s is for nobody', (address) => expect(classifyAddress(address)).toBe('forbidden'));

  it('judges an IPv4 address inside an IPv6 one as what it is', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(classifyAddress(`::ffff:${address}`)).toBe(classifyAddress(address));
        expect(classifyAddress(`64:ff9b::${address}`)).toBe(classifyAddress(address));
      }),
    );
  });

  it('calls no IPv6 address public outside 2000::/3 and the two embeddings', () => {
    fc.assert(
      fc.property(
        fc.ipV6().filter((address) => isIP(address) === 6),
        (address) => {
          const [first = '0'] = address.split(':');
          const global = Number.parseInt(first || '0', 16) >> 13 === 1;
          const embedded = /^(?:::ffff:|64:ff9b:)/i.test(new URL(`https://[${address}]`).hostname.slice(1));
          if (!global && !embedded) expect(classifyAddress(address)).not.toBe('public');
        },
      ),
    );
  });
});

describe('isInternalName', () => {
  it.each([
    'localhost',
    'localhost.',
    'api.localhost',
    'metadata',
    'metadata.google.internal',
    'printer.local',
    'x.localdomain',
    'ip-10-0-0-1.eu-west-1.compute.internal',
    'a.home.arpa',
    'nas.lan',
    'nas.lan.',
    '',
  ])('%o can only be private', (name) => expect(isInternalName(name)).toBe(true));

  it.each([
    'login.example.org',
    'saml.sundhed.dk',
    'localhost.dk',
    'internal.dk',
    'local.host',
    'login.example.org.',
    'x.lan-berlin',
    'x.my-lan',
  ])('%o may be public', (name) => expect(isInternalName(name)).toBe(false));
});
