import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildBundle, functionNames } from '../../infra/build-bundles.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A CloudFormation resource of the packaged template. */
export interface PackagedResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** Everything that would be deployed, by logical id. */
export type PackagedTemplate = Readonly<Record<string, PackagedResource>>;

/** osls wants the zips to be there; what is in them is the business of `bundles.test.ts`. */
const buildMissing = async (): Promise<void> => {
  const missing = functionNames.filter((name) => !existsSync(join(root, 'dist', `${name}.zip`)));
  await Promise.all(missing.map((name) => buildBundle(name, join(root, 'dist'))));
};

/**
 * Packages the service for stage `prod` in `eu-west-1` and reads the template that would be deployed: with no credentials, no AWS
 * settings and no home folder.
 */
export const packageService = async (): Promise<PackagedTemplate> => {
  await buildMissing();
  const folder = await mkdtemp(join(tmpdir(), 'package-'));
  const program = join(root, 'node_modules/serverless/bin/serverless.js');
  const args = [program, 'package', '--stage', 'prod', '--region', 'eu-west-1', '--package', folder];
  await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
  });
  const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  await rm(folder, { recursive: true });
  return (JSON.parse(text) as { Resources: PackagedTemplate }).Resources;
};
