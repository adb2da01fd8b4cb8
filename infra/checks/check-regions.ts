import { readArguments, runCommand } from '../../local/command-line.ts';
import { buildMissing, packageTemplate } from '../package-template.ts';
import { defaultRegion, listRegions } from '../read-parameters.ts';
import { findProblems } from './find-problems.ts';
import type { Finding } from './template.ts';
import { createTemplateValidator, type Diagnostic, type TemplateValidator } from './validate-template.ts';

const usage = `npm run check-regions

Packages every region of infra/regions/ and judges what would be deployed, without an account. Exit code 1 for anything unexplained.`;

interface Target {
  readonly region: string;
  readonly stage: string;
  /** Parameters that are given on the command line. */
  readonly parameters: readonly string[];
}

const domain = [
  'domainName=reporting.example',
  `certificateArn=arn:aws:acm:${defaultRegion}:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef`,
];
const targets: readonly Target[] = [
  ...listRegions().map((region) => ({ region, stage: 'prod', parameters: [] })),
  // Everything that is optional.
  { region: defaultRegion, stage: 'prod', parameters: [...domain, 'tracing=Active'] },
  { region: defaultRegion, stage: 'dev', parameters: [] },
];

interface Verdict {
  readonly resources: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly problems: readonly Finding[];
}

/** The certificate above is the one thing in a template that an operator gives by its ARN. */
const isGivenArn = ({ check, resource }: Finding): boolean => check === 'cell' && resource === 'PublicDomain';
/** Stages other than prod may be removed as a whole. */
const isOfProd = ({ check }: Finding): boolean => check === 'table-deletion';

const judge = ({ region, stage, parameters }: Target, validator: TemplateValidator): Promise<Verdict> =>
  packageTemplate(region, stage, parameters, ({ template, file }) => ({
    resources: Object.keys(template.Resources).length,
    diagnostics: validator.validate(file, region),
    problems: findProblems(template, region).filter((one) => !isGivenArn(one) && (stage === 'prod' || !isOfProd(one))),
  }));

const count = (diagnostics: readonly Diagnostic[], letters: string): number =>
  diagnostics.filter(({ ruleId }) => letters.includes(ruleId[0] ?? '')).length;

const print = ({ region, stage, parameters }: Target, { resources, diagnostics, problems }: Verdict): number => {
  const open = diagnostics.filter(({ reason }) => reason === undefined);
  const target = `${region} ${stage}${parameters.length > 0 ? ', all options' : ''}`;
  const severities = `${count(diagnostics, 'EF')} errors, ${count(diagnostics, 'W')} warnings, ${count(diagnostics, 'I')} notes`;
  process.stdout.write(
    `${target.padEnd(30)} ${resources} resources; validator: ${severities}, ${open.length} unexplained; own checks: ${problems.length} problems\n`,
  );
  for (const { ruleId, resource, message } of open) process.stdout.write(`  ${ruleId} ${resource}: ${message}\n`);
  for (const { check, resource, problem } of problems) process.stdout.write(`  ${check} ${resource}: ${problem}\n`);
  return open.length + problems.length;
};

const printReasons = (diagnostics: readonly Diagnostic[]): void => {
  const reasons = new Map(diagnostics.map(({ ruleId, reason = 'UNEXPLAINED' }) => [`${ruleId}: ${reason}`, 0]));
  for (const { ruleId, reason = 'UNEXPLAINED' } of diagnostics) {
    const key = `${ruleId}: ${reason}`;
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
  }
  for (const [text, times] of [...reasons].sort()) process.stdout.write(`${String(times).padStart(5)} × ${text}\n`);
};

await runCommand(usage, async () => {
  readArguments({});
  await buildMissing();
  const validator = createTemplateValidator();
  const verdicts = await Promise.all(targets.map((target) => judge(target, validator)));
  const findings = targets.map((target, index) => print(target, verdicts[index] as Verdict));
  validator.free();
  process.stdout.write('\nWhat the validator says of all of them, and why it stays:\n');
  printReasons(verdicts.flatMap(({ diagnostics }) => diagnostics));
  if (findings.some((one) => one > 0)) process.exitCode = 1;
});
