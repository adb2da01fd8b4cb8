import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { isTrustedPrivateHost, trustedPrivateHostsSetting } from '../../functions/auth/trusted-private-hosts.ts';

const read = (text: string | undefined) => v.parse(trustedPrivateHostsSetting, text);

describe('trustedPrivateHostsSetting', () => {
  it('trusts nobody unless told otherwise', () => {
    for (const text of [undefined, '', ' ', ',']) expect(read(text)).toEqual(new Set());
  });

  it('reads hosts and host:port in one canonical spelling', () => {
    const text = ' Keycloak.Internal , 10.0.0.5:8443,[FD00:0::1]:443,127.1:9000 ';
    expect(read(text)).toEqual(new Set(['keycloak.internal', '10.0.0.5:8443', '[fd00::1]:443', '127.0.0.1:9000']));
  });

  it.each(['https://a.internal', 'a.internal/path', 'user@a.internal', 'a b', 'a.internal:99999', 'a?b', '***x y'])(
    'refuses %o',
    (text) => {
      const result = v.safeParse(trustedPrivateHostsSetting, text);
      expect(result.success).toBe(false);
      expect(JSON.stringify(result.issues?.map(({ message }) => message))).not.toContain(text);
    },
  );
});

describe('isTrustedPrivateHost', () => {
  const trusted = read('a.internal,b.internal:8443');

  it.each([
    ['https://a.internal/certs', true],
    ['https://a.internal:1/certs', true],
    ['https://b.internal:8443/certs', true],
    ['https://b.internal/certs', false],
    ['https://x.a.internal/certs', false],
  ])('%s: %o', (uri, expected) => {
    expect(isTrustedPrivateHost(new URL(uri), trusted)).toBe(expected);
  });
});
