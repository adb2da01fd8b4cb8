import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildBundle, functionNames } from './build-bundles.ts';
import type { Template } from './checks/template.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the zips that are not there: osls wants them, and what is in them plays no part in a template. */
export const buildMissing = async (): Promise<void> => {
  const missing = functionNames.filter((name) => !existsSync(join(root, 'dist', `${name}.zip`)));
  await Promise.all(missing.map((name) => buildBundle(name, join(root, 'dist'))));
};

/** A packaged template, and the file that it is in. */
export interface Packaged {
  readonly template: Template;
  readonly file: string;
}

/** What osls looks for beside `serverless.yml`. */
const needed = ['package.json', 'infra', 'dist', 'node_modules'];

/**
 * Packages the service and hands over the template that would be deployed: with no credentials, no AWS settings and no home folder. In a folder
 * of its own, since osls works in `.serverless/` of the folder that it runs in: any number at the same time.
 *
 * @param parameters as the command line gives them: `name=value`
 * @param use is given the template and its file, which is gone afterwards
 * @throws Error (of `execFile`) when osls refuses the configuration; what it says is in `stdout`
 */
export const packageTemplate = async <Result>(
  region: string,
  stage: string,
  parameters: readonly string[],
  use: (packaged: Packaged) => Result,
): Promise<Result> => {
  await buildMissing();
  const folder = await mkdtemp(join(tmpdir(), 'package-'));
  try {
    // A link is none to osls.
    await copyFile(join(root, 'serverless.yml'), join(folder, 'serverless.yml'));
    for (const name of needed) await symlink(join(root, name), join(folder, name));
    const program = join(root, 'node_modules/serverless/bin/serverless.js');
    const given = parameters.map((parameter) => `--param=${parameter}`);
    const args = [program, 'package', '--stage', stage, '--region', region, ...given];
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
    await promisify(execFile)(process.execPath, args, { cwd: folder, env });
    const file = join(folder, '.serverless', 'cloudformation-template-update-stack.json');
    return use({ file, template: JSON.parse(await readFile(file, 'utf8')) as Template });
  } finally {
    await rm(folder, { recursive: true });
  }
};
