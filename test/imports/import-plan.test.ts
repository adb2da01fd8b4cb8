import { expect, test } from 'vitest';
import { digestFiles } from '../../functions/imports/import-plan.ts';

const one = { url: 'https://files.example.dk/1?signature=a', count: 3 };
const two = { url: 'https://files.example.dk/2?signature=b', count: 4 };

test('the same files with new links are known as the same', () => {
  const renewed = [
    { ...one, url: 'https://files.example.dk/1?signature=c&expires=9' },
    { ...two, url: 'https://files.example.dk/2' },
  ];
  expect(digestFiles(renewed)).toBe(digestFiles([one, two]));
  expect(digestFiles([one])).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['in another order', [two, one]],
  ['elsewhere', [{ ...one, url: 'https://other.example.dk/1' }, two]],
  ['under another path', [{ ...one, url: 'https://files.example.dk/1b' }, two]],
  ['with another count', [{ ...one, count: 5 }, two]],
  ['without a count', [{ url: one.url }, two]],
  ['fewer', [one]],
])('files %s are others', (_what, files) => {
  expect(digestFiles(files)).not.toBe(digestFiles([one, two]));
});
