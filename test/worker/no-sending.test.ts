import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** Everything that a function is made of: files of the project and packages. */
const partsOf = async (name: string): Promise<readonly string[]> => {
  const entryPoints = [`functions/${name}/handler.ts`];
  const options = {
    entryPoints,
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  } as const;
  const { metafile } = await build({ ...options, logLevel: 'silent' });
  const packages = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return [...new Set([...Object.keys(metafile.inputs), ...packages])];
};

test('A50: nothing of the worker can send a message: what wakes it again comes from the dispatcher, by a chain of its own', async () => {
  const queue = /sqs|job-queue/;
  expect((await partsOf('worker')).filter((part) => queue.test(part))).toEqual([]);
  expect((await partsOf('dispatcher')).filter((part) => queue.test(part))).toContain('@aws-sdk/client-sqs');
});
