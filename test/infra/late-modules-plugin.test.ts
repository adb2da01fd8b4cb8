import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { createLateModulesPlugin } from '../../infra/late-modules-plugin.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const bundle = async (contents: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    plugins: [createLateModulesPlugin(root)],
  });
  return outputFiles[0]?.text ?? '';
};

const files = { 'a/b.json': Buffer.from('{"text":"text, text and text"}') };
const options = { level: 6, mtime: Date.UTC(2000, 5) } as const;

test('a late module is evaluated at the first call of one of its functions, once, and does the same', async () => {
  // The largest of its tables stands for the module.
  const code = await bundle(`
    import { zipSync } from 'fflate';
    const tables = [];
    globalThis.Uint16Array = new Proxy(Uint16Array, {
      construct(target, [length], self) { tables.push(length); return Reflect.construct(target, [length], self); },
    });
    const count = () => tables.filter((length) => length === 32768).length;
    export const counts = [count()];
    export const result = (files, options) => {
      const archive = zipSync(files, options);
      zipSync(files, options);
      return archive;
    };
    export const isLate = () => count() > 0;`);
  const original = globalThis.Uint16Array;
  try {
    const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    expect(module.counts).toEqual([0]);
    expect(module.isLate()).toBe(false);
    expect(Buffer.from(module.result(files, options)).equals(zipSync(files, options))).toBe(true);
    expect(module.isLate()).toBe(true);
  } finally {
    globalThis.Uint16Array = original;
  }
});

test('a function that is not among the late ones stops the build', async () => {
  await expect(bundle(`import { unzipSync } from 'fflate'; export const result = unzipSync;`)).rejects.toThrow(
    'unzipSync',
  );
});
