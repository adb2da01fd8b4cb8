import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { product, released } from '../../functions/platform/product.ts';

test('the product calls itself as package.json does', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(product).toEqual({ name, version });
});

test('the day of its release is a FHIR date', () => {
  expect(new Date(released).toISOString().slice(0, 10)).toBe(released);
});
