import { describe, expect, test } from 'vitest';
import { findAddressProblem } from '../../functions/auth/https-address.ts';

const trusted = new Set(['careplan.internal:8443', '10.0.0.1']);
const ofLength = (length: number): string => `https://login.dk/${'a'.repeat(length - 17)}`;

describe('an address that the service calls', () => {
  test.each([
    'https://login.dk/keys',
    'https://login.dk:8443/',
    'https://[2a02::1]/',
    'https://careplan.internal:8443/fhir',
    'https://10.0.0.1/',
  ])('may be %s', (address) => expect(findAddressProblem(address, trusted)).toBeUndefined());

  test('has so many characters at most', () => {
    expect(findAddressProblem(ofLength(2048), trusted)).toBeUndefined();
    expect(findAddressProblem(ofLength(2049), trusted)).toBe('must be at most 2048 characters');
    expect(findAddressProblem(ofLength(2049), trusted, 8192)).toBeUndefined();
    expect(findAddressProblem(ofLength(8193), trusted, 8192)).toBe('must be at most 8192 characters');
  });

  test.each([
    ['/keys', 'must be an absolute URL'],
    ['http://login.dk/', 'must be an https URL'],
    ['https://a@login.dk/', 'must not carry credentials'],
    ['https://:b@login.dk/', 'must not carry credentials'],
    ['https://login.dk/#a', 'must not carry a fragment'],
    ['https://careplan.internal/fhir', 'must not point into a private network'],
    ['https://10.0.0.2/', 'must not point into a private network'],
    ['https://[fd12::1]/', 'must not point into a private network'],
    ['https://169.254.169.254/', 'must not point at a reserved address'],
    ['https://[fe80::1]/', 'must not point at a reserved address'],
    ['https://[::ffff:169.254.169.254]/', 'must not point at a reserved address'],
  ])('may not be %s: it %s', (address, problem) => expect(findAddressProblem(address, trusted)).toBe(problem));
});
