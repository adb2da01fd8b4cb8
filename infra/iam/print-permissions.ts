import { readArguments, runCommand } from '../../local/command-line.ts';
import { packageTemplate } from '../package-template.ts';
import { defaultRegion } from '../read-parameters.ts';
import { decide } from './decide.ts';
import { permissions } from './permissions.ts';

const usage = `npm run iam

Prints the table of permissions with what IAM answers by the packaged policies. Exit code 1 where that is another answer than expected.`;

const widths = [16, 28, 34, 17] as const;
const line = (...cells: readonly string[]) =>
  cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();

await runCommand(usage, async () => {
  readArguments({});
  const template = await packageTemplate(defaultRegion, 'prod', [], (packaged) => packaged.template);
  process.stdout.write(`${line('principal', 'action', 'resource', 'request', 'decision')}\n`);
  let different = 0;
  for (const permission of permissions) {
    const { principal, action, resource, when = '', decision } = permission;
    const answer = await decide(template, defaultRegion, permission);
    if (answer !== decision) different += 1;
    const shown = answer === decision ? answer : `${answer}, EXPECTED: ${decision}`;
    process.stdout.write(
      `${line(principal, action, resource.replace(/^arn:.*[:/](?=serverless-|other)/, '…'), when, shown)}\n`,
    );
  }
  const denied = permissions.filter(({ decision }) => decision !== 'allowed').length;
  process.stdout.write(
    `\n${permissions.length} calls, ${denied} of them refused, ${different} otherwise than expected\n`,
  );
  if (different > 0) process.exitCode = 1;
});
