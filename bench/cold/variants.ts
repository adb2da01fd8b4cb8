import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { bundleSettings } from '../../infra/build-bundles.ts';

const { plugins } = bundleSettings('api');

const without = (name: string): Plugin[] => plugins.filter((plugin) => plugin.name !== name);

/** Init without the work of the first request. */
const coldInitPlugin: Plugin = {
  name: 'cold-init',
  setup(build) {
    const contents = 'export const warmUp = async () => {};';
    build.onLoad({ filter: /\/functions\/platform\/warm-up\.ts$/ }, () => ({ contents, loader: 'ts' }));
  },
};

/** The api's bundle with one of the measures taken back, by the measure; `plain` is without any of them. */
export const ablations: Readonly<Record<string, BuildOptions>> = {
  plain: { plugins: [coldInitPlugin], charset: 'utf8' },
  'without-builtins-plugin': { plugins: without('builtin-modules') },
  'without-late-modules': { plugins: without('late-modules'), alias: { fflate: 'fflate/browser' } },
  'without-warm-up': { plugins: [...plugins, coldInitPlugin] },
  'without-lean-sdk': { plugins: without('lean-sdk') },
};

/** Builds a variant of the api's bundle. Returns its path. */
export const buildVariant = async (name: string, options: BuildOptions, folder: string): Promise<string> => {
  await build({ ...bundleSettings('api'), ...options, outdir: join(folder, name) });
  return join(folder, name, 'handler.mjs');
};

const programs = ['lambda-runtime', 'bare-handler', 'https-calls-handler'] as const;

/** The runtime and the peers as JavaScript, so that no TypeScript is compiled while time is taken. */
export const buildPrograms = async (outdir: string): Promise<void> => {
  await build({
    entryPoints: programs.map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
  });
};
