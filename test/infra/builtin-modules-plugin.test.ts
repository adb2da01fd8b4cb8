import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { builtinModulesPlugin } from '../../infra/builtin-modules-plugin.ts';

const bundle = async (contents: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    plugins: [builtinModulesPlugin],
  });
  return outputFiles[0]?.text ?? '';
};

/** What a bundle exports as `result`. */
const runBundle = async (contents: string): Promise<unknown> => {
  const module = await import(`data:text/javascript,${encodeURIComponent(await bundle(contents))}`);
  return module.result;
};

test('named, default, namespace and dynamic imports of modules of Node work, with and without node:', async () => {
  const result = await runBundle(`
    import { basename } from 'node:path';
    import os from 'os';
    import * as util from 'node:util';
    export const result = [basename('/a/b'), typeof os.cpus, util.isDeepStrictEqual([1], [1]), typeof (await import('node:fs/promises')).open];`);
  expect(result).toEqual(['b', 'function', true, 'function']);
});

test('nothing is imported any more, and of a module only what is used is read', async () => {
  const code = await bundle(`import { request } from 'node:http'; export const result = typeof request;`);
  expect(code).not.toMatch(/^import/m);
  expect(code).not.toContain('WebSocket');
});

test('a module that is imported as a whole is without the globals that it would load at once', async () => {
  const { module, keys } = (await runBundle(`
    const module = await import('node:http');
    export const result = { module, keys: Object.keys(module) };`)) as { module: object; keys: readonly string[] };
  expect(keys).toEqual(expect.arrayContaining(['Agent', 'request', 'globalAgent']));
  expect('WebSocket' in module).toBe(false);
});

test('a name that a module of Node does not export is an error of the build', async () => {
  await expect(bundle(`import { nothing } from 'node:http'; export const result = nothing;`)).rejects.toThrow(
    'No matching export',
  );
});
