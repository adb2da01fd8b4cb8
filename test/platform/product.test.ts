import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { product } from '../../functions/platform/product.ts';

test('the product calls itself as package.json does', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(product).toEqual({ name, version });
});
