import { readArguments, runCommand } from '../local/command-line.ts';
import { type LockedPackage, readLockedPackages } from './locked-packages.ts';

/**
 * Licences under which a package may be deployed: permissive ones, which ask for their text to be kept and for nothing else. What is only
 * used to build and to test is not given to anybody and may have others.
 */
export const acceptedLicences: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

/** `name@version` by licence; `none` for what names none. */
export const listLicences = (packages: readonly LockedPackage[]): ReadonlyMap<string, readonly string[]> => {
  const names = (those: readonly LockedPackage[]) => [
    ...new Set(those.map(({ name, version }) => `${name}@${version}`)),
  ];
  const byLicence = Map.groupBy(packages, ({ license }) => license ?? 'none');
  return new Map([...byLicence].map(([licence, those]) => [licence, names(those).sort()]));
};

/** Packages that are deployed and whose licence is not accepted. */
export const findRefusedLicences = (packages: readonly LockedPackage[]): readonly LockedPackage[] =>
  packages.filter(({ isProduction, license = 'none' }) => isProduction && !acceptedLicences.has(license));

const usage = `npm run licences

Prints every licence and who has it. Exit code 1 when something that is deployed has one that is not accepted.`;

const printLicences = async (): Promise<void> => {
  readArguments({});
  const packages = await readLockedPackages();
  const print = (title: string, those: readonly LockedPackage[], named: boolean): void => {
    process.stdout.write(`${title}\n`);
    for (const [licence, names] of [...listLicences(those)].sort(([, one], [, other]) => other.length - one.length)) {
      process.stdout.write(`  ${licence.padEnd(20)} ${names.length}${named ? `  ${names.join(', ')}` : ''}\n`);
    }
  };
  print(
    'Deployed:',
    packages.filter(({ isProduction }) => isProduction),
    true,
  );
  print(
    'To build and to test:',
    packages.filter(({ isProduction }) => !isProduction),
    false,
  );
  const refused = findRefusedLicences(packages);
  for (const { path, license } of refused) process.stderr.write(`not accepted: ${path} (${license ?? 'none'})\n`);
  if (refused.length > 0) process.exitCode = 1;
};

if (import.meta.main) await runCommand(usage, printLicences);
