import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles a program as the functions are bundled (`infra/build-bundles.ts`), so that what is measured is what is deployed.
 *
 * @param entry from the project's root
 * @param outfile where the bundle goes, ending in `.mjs`
 */
export const bundleProgram = async (entry: string, outfile: string): Promise<void> => {
  await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    conditions: ['module', 'import'],
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    external: ['@duckdb/*'],
    logLevel: 'warning',
  });
};
