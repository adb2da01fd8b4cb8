import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundleSettings } from '../../infra/build-bundles.ts';

/**
 * Bundles a program as the api is bundled, so that what is measured is what is deployed. What it has of the tests unpacks reports, which no
 * function does, so nothing of it is put off (`infra/late-modules-plugin.ts`).
 *
 * @param entry from the project's root
 * @param outdir a folder for it
 * @returns the bundle's path
 */
export const bundleAsApi = async (entry: string, outdir: string): Promise<string> => {
  const settings = bundleSettings('api');
  const plugins = settings.plugins.filter(({ name }) => name !== 'late-modules');
  const name = basename(entry, '.ts');
  await build({ ...settings, plugins, entryPoints: { [name]: entry }, outdir });
  return join(outdir, `${name}.mjs`);
};
