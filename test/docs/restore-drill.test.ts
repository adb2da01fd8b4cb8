import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { functionNames } from '../../infra/build-bundles.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('a restore switches off every function that a schedule sends to the jobs table', () => {
  const scheduled = functionNames.filter((name) => {
    const text = read(`infra/functions/${name}.yml`);
    return text.includes('- schedule:') && text.includes('JOBS_TABLE:');
  });
  const [, loop = ''] = /for one in ([a-z ]+); do/.exec(read('docs/restore-drill.md')) ?? [];
  expect(loop.split(' ').sort()).toEqual([...scheduled].sort());
});
