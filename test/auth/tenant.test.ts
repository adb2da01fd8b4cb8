import { describe, expect, test } from 'vitest';
import { isTenantId, restoreTenantId } from '../../functions/auth/tenant.ts';

const good = ['a', '7', 'demo', 'region-1', 'a'.repeat(32)];
const bad = ['', '-', '-a', 'a-', 'A', 'a_b', 'a/b', 'demo/', '/demo', '../demo', 'demo\n', 'a b', 'é', 'a'.repeat(33)];

describe('the id of a tenant', () => {
  test.each(good)('may be %s', (id) => {
    expect(isTenantId(id)).toBe(true);
    expect(restoreTenantId(id)).toBe(id);
  });

  test.each(bad)('may not be %j, which could name a place of another one', (id) => {
    expect(isTenantId(id)).toBe(false);
    expect(() => restoreTenantId(id)).toThrow('a stored tenant id is malformed');
  });
});
