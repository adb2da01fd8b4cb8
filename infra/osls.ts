import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ParameterError, readOverrides, readParameters } from './read-parameters.ts';

const usage = `npm run package -- [--region eu-north-1] [--stage prod] [--param name=value …]
       npm run deploy  -- --region eu-north-1 --stage prod [--param name=value …]

Packages the service into .serverless/, without credentials; or deploys it with those of the AWS profile in use.
Regions are files in infra/regions/, stages are sections of infra/stages.yml. What is not known here is handed to osls.`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is wrong with a call, in words for whoever made it; nothing when it can go on. */
const findFault = (command: string | undefined, args: string[]): string | undefined => {
  const options = {
    region: { type: 'string', short: 'r' },
    stage: { type: 'string', short: 's' },
    param: { type: 'string', multiple: true },
  } as const;
  const { region, stage, param } = parseArgs({ args, options, strict: false }).values;
  if (command !== 'package' && command !== 'deploy') return `Usage: ${usage}`;
  if ([region, stage].includes(true)) return `A region and a stage have names.\n\nUsage: ${usage}`;
  if (command === 'deploy' && (region === undefined || stage === undefined)) {
    return `A deployment names its region and its stage.\n\nUsage: ${usage}`;
  }
  try {
    const overrides = readOverrides(param as string[] | undefined);
    readParameters(region as string | undefined, stage as string | undefined, overrides);
    return undefined;
  } catch (error) {
    if (error instanceof ParameterError) return error.message;
    throw error;
  }
};

const run = (program: string, args: readonly string[]): number =>
  spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;

const [command, ...args] = process.argv.slice(2);
const isHelp = args.includes('--help') || args.includes('-h');
const fault = isHelp ? undefined : findFault(command, args);
if (isHelp) {
  process.stdout.write(`Usage: ${usage}\n`);
} else if (fault !== undefined) {
  process.stderr.write(`${fault}\n`);
  process.exitCode = 2;
} else {
  const serverless = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
  process.exitCode = run('infra/build-bundles.ts', []) || run(serverless, [command ?? '', ...args]);
}
