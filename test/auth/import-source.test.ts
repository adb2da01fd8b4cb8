import { describe, expect, it } from 'vitest';
import { isAllowedHost } from '../../functions/auth/import-source.ts';
import { parseTenant } from '../../functions/auth/parse-tenant.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const secretSignIn = {
  kind: 'client-secret',
  clientId: 'reporting',
  secret: 'careplan',
  tokenUrl: 'https://login.demo.dk/token',
};
const source = { kind: 'fut', baseUrl: 'https://careplan.demo.dk/fhir', signIn: secretSignIn };

const parse = (own: object, trusted: readonly string[] = []) =>
  parseTenant(tenantRecord('demo', { import: { ...source, ...own } }), new Set(trusted));
const problemsOf = (own: object, trusted: readonly string[] = []): readonly string[] => {
  const parsed = parse(own, trusted);
  return parsed.ok ? [] : parsed.problems;
};

describe("the import in a tenant's record", () => {
  it('needs a kind, an address and a way to sign in; the rest has defaults', () => {
    expect(parse({ baseUrl: 'https://careplan.demo.dk/fhir/' })).toMatchObject({
      ok: true,
      tenant: { import: { ...source, hosts: [], keep: 3, nightly: true } },
    });
  });

  it('takes every bound itself, and slashes at the end of the address', () => {
    const signIn = { ...secretSignIn, clientId: 'a'.repeat(256), scope: 'b'.repeat(512), secret: 'k' };
    const own = { signIn, group: 'a-.'.padEnd(64, 'b'), hosts: Array(16).fill('f:8443'), keep: 30, nightly: false };
    const base = 'https://careplan.demo.dk/fhir';
    expect(parse({ ...own, baseUrl: `${base}//` })).toMatchObject({
      ok: true,
      tenant: { import: { ...own, baseUrl: base } },
    });
  });

  it('signs in with a signed assertion where the tenant has SMART Backend Services', () => {
    const signIn = { kind: 'smart-backend', clientId: 'reporting', secret: 'key-1' };
    expect(parse({ signIn })).toMatchObject({
      tenant: { import: { signIn: { ...signIn, scope: 'system/EpisodeOfCare.read' } } },
    });
  });

  it.each<[object, string]>([
    [{ kind: 'ftp' }, 'import.kind: must be fut or bulk-data'],
    [{ baseUrl: 'http://careplan.demo.dk' }, 'import.baseUrl: must be an https URL'],
    [{ baseUrl: 'https://169.254.169.254/latest' }, 'import.baseUrl: must not point at a reserved address'],
    [{ baseUrl: 'https://10.0.0.1/fhir' }, 'import.baseUrl: must not point into a private network'],
    [{ baseUrl: 'https://user:word@careplan.demo.dk' }, 'import.baseUrl: must not carry credentials'],
    [{ baseUrl: 'https://careplan.demo.dk/fhir?x=1' }, 'import.baseUrl: must not have a query'],
    [{ group: '../..' }, 'import.group: must be the id of a Group'],
    [{ group: '..' }, 'import.group: must be the id of a Group'],
    [{ group: '.' }, 'import.group: must be the id of a Group'],
    [{ hosts: ['https://files.demo.dk'] }, 'import.hosts.0: must be a host or host:port, in lower case'],
    [{ keep: 0 }, 'import.keep: must be at least 1'],
    [{ keep: 31 }, 'import.keep: must be at most 30'],
    [{ keep: 1.5 }, 'import.keep: must be a whole number'],
    [{ keep: '1' }, 'import.keep: must be a number'],
    [{ baseUrl: 1 }, 'import.baseUrl: must be a text'],
    [{ group: 1 }, 'import.group: must be a text'],
    [{ group: 'a/b' }, 'import.group: must be the id of a Group'],
    [{ group: 'a'.repeat(65) }, 'import.group: must be the id of a Group'],
    [{ hosts: 'files.demo.dk' }, 'import.hosts: must be a list'],
    [{ hosts: Array(17).fill('files.demo.dk') }, 'import.hosts: must have at most 16 entries'],
    [{ hosts: ['files.demo.dk:443x'] }, 'import.hosts.0: must be a host or host:port, in lower case'],
    [{ hosts: ['.demo.dk'] }, 'import.hosts.0: must be a host or host:port, in lower case'],
    [{ signIn: { ...secretSignIn, clientId: 1 } }, 'import.signIn.clientId: must be a text'],
    [{ signIn: { ...secretSignIn, clientId: '\u0007a' } }, 'import.signIn.clientId: must be visible ASCII characters'],
    [{ signIn: { ...secretSignIn, clientId: 'a\u0007' } }, 'import.signIn.clientId: must be visible ASCII characters'],
    [
      { signIn: { ...secretSignIn, clientId: 'a'.repeat(257) } },
      'import.signIn.clientId: must be at most 256 characters',
    ],
    [{ signIn: { ...secretSignIn, scope: 'a'.repeat(513) } }, 'import.signIn.scope: must be at most 512 characters'],
    [
      { signIn: { ...secretSignIn, secret: 'key/' } },
      'import.signIn.secret: must be 1 to 64 characters of a-z, 0-9 and inner -',
    ],
    [{ nightly: 'yes' }, 'import.nightly: must be true or false'],
    [
      { signIn: { kind: 'password' } },
      'import.signIn.kind: must be an object whose kind is smart-backend or client-secret',
    ],
    [
      { signIn: { ...secretSignIn, tokenUrl: 'https://localhost/token' } },
      'import.signIn.tokenUrl: must not point into a private network',
    ],
    [
      { signIn: { ...secretSignIn, secret: '../other/key' } },
      'import.signIn.secret: must be 1 to 64 characters of a-z, 0-9 and inner -',
    ],
  ])('is refused as %j', (own, problem) => {
    expect(problemsOf(own)).toEqual([problem]);
  });

  it('may point into a private network where the operator trusts the host', () => {
    expect(problemsOf({ baseUrl: 'https://10.0.0.1/fhir' }, ['10.0.0.1'])).toEqual([]);
  });
});

describe('isAllowedHost', () => {
  const allowed = {
    baseUrl: 'https://careplan.demo.dk/fhir',
    hosts: ['files.demo.dk', 'login.demo.dk:8443', 'cdn.demo.dk:443'],
  };
  it.each([
    ['https://careplan.demo.dk/other', true],
    ['https://files.demo.dk/a', true],
    ['https://login.demo.dk:8443/token', true],
    ['https://cdn.demo.dk/a', true],
    ['https://careplan.demo.dk:8443/fhir', false],
    ['https://files.demo.dk.evil.dk/a', false],
    ['https://login.demo.dk/token', false],
  ])('%s: %s', (url, expected) => {
    expect(isAllowedHost(allowed, new URL(url))).toBe(expected);
  });
});
