import { describe, expect, test } from 'vitest';
import type { Operation, PublicOperation } from '../../functions/api/operation.ts';
import type { Method } from '../../functions/api/route.ts';
import { guard, waiveToken } from '../../functions/api/route.ts';

const none: Readonly<Partial<Record<Method, never>>> = {};

describe("a path's template", () => {
  test('matches itself with any parameters, also with a slash at the end, and captures them', () => {
    const { pattern } = guard('x', '/Binary/{id}/_history/{vid}', none);
    expect(pattern.exec('/Binary/a.b/_history/2')?.slice(1)).toEqual(['a.b', '2']);
    expect(pattern.exec('/Binary/a/_history/2/')?.slice(1)).toEqual(['a', '2']);
  });
  test.each([
    '/Binary/a/_history',
    '/Binary/a/b/_history/2',
    '/Binary//_history/2',
    'x/Binary/a/_history/2',
    '/binary/a/_history/2',
  ])('does not match %s', (path) => {
    expect(guard('x', '/Binary/{id}/_history/{vid}', none).pattern.test(path)).toBe(false);
  });
  test('takes $ for a dollar sign, not for the end', () => {
    expect(guard('x', '/$do-it', none).pattern.test('/$do-it')).toBe(true);
    expect(guard('x', '/$do-it', none).pattern.test('/do-it')).toBe(false);
  });
});

describe('the compiler refuses', () => {
  const open: PublicOperation = { name: 'x', requireFormat: () => {}, run: async () => ({ status: 200 }) };
  const closed: Operation = {
    ...{ name: 'x', role: 'r', ordersReports: false, readsBody: false, requireFormat: () => {} },
    run: async ({ caller }) => ({ status: caller.roles.size }),
  };
  const { role: _role, ...forgetful } = closed;
  test('a guarded path whose operation names no role', () => {
    // @ts-expect-error: the role is forgotten
    expect(guard('x', '/x', { GET: forgetful }).access).toBe('token');
    // @ts-expect-error: it is not for callers
    expect(guard('x', '/x', { GET: open }).access).toBe('token');
  });
  test('a public path whose operation names a role or wants a caller', () => {
    // @ts-expect-error: it has a role
    expect(waiveToken('x', '/x', { GET: closed }).access).toBe('public');
    // @ts-expect-error: it wants a caller
    expect(waiveToken('x', '/x', { GET: forgetful }).access).toBe('public');
  });
});

test('only a waived token makes a path public', () => {
  expect([guard('x', '/x', none).access, waiveToken('x', '/x', none).access]).toEqual(['token', 'public']);
});
