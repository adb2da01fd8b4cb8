import { packageTemplate } from '../package-template.ts';
import { defaultRegion } from '../read-parameters.ts';
import { decide } from './decide.ts';
import { permissions } from './permissions.ts';

// npm run iam: the table of permissions with what IAM answers by the packaged policies; exit code 1 where it is another answer than expected.
const template = await packageTemplate(defaultRegion, 'prod', [], (packaged) => packaged.template);
const widths = [16, 28, 34, 17] as const;
const line = (...cells: readonly string[]) =>
  cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();

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
process.exitCode = different === 0 ? 0 : 1;
