import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readArguments, runCommand } from '../local/command-line.ts';
import { type Bundle, buildBundle, functionNames } from './build-bundles.ts';
import { type LockedPackage, readLockedPackages } from './locked-packages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** A component of a CycloneDX document, as far as it is read here. */
interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** A software bill of materials in CycloneDX 1.5 (JSON), as npm writes it. */
export interface Sbom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The property of a component for each function whose bundle has code of it; the value is the number of bytes. */
const bundleProperty = 'serverless-reporting:bundle';

const refOf = ({ name, version }: LockedPackage): string => `${name}@${version}`;

/** How many bytes each function's bundle has of a package. Bundles name folders, and one version may stand in several of them. */
const propertiesOf = (folders: ReadonlySet<string>, bundles: readonly Bundle[]): Component['properties'] =>
  bundles.flatMap(({ name, packages }) => {
    const bytes = [...packages].filter(([folder]) => folders.has(folder)).reduce((sum, [, size]) => sum + size, 0);
    return bytes === 0 ? [] : [{ name: `${bundleProperty}:${name}`, value: String(bytes) }];
  });

/**
 * What npm knows of all packages, cut down to those that may be deployed. (`npm sbom --omit dev` leaves out a production package as soon
 * as a development package depends on it too.)
 *
 * @param all npm's document about every package
 */
export const describeDeployed = (all: Sbom, packages: readonly LockedPackage[], bundles: readonly Bundle[]): Sbom => {
  const deployed = Map.groupBy(
    packages.filter(({ isProduction }) => isProduction),
    refOf,
  );
  const project = all.metadata.component;
  const isKept = (ref: string): boolean => deployed.has(ref) || ref === project['bom-ref'];
  const components = all.components
    .filter((component) => deployed.has(component['bom-ref']))
    .map((component) => {
      const folders = new Set(deployed.get(component['bom-ref'])?.map(({ path }) => path));
      return { ...component, properties: [...(component.properties ?? []), ...(propertiesOf(folders, bundles) ?? [])] };
    });
  const dependencies = all.dependencies
    .filter(({ ref }) => isKept(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isKept) }));
  // npm takes the name from the folder of the checkout.
  const component = { ...project, name: project['bom-ref'].replace(/@[^@]*$/, '') };
  return { ...all, metadata: { ...all.metadata, component }, components, dependencies };
};

/** npm's own document about every package of the lock file. Needs no network and no `node_modules`. */
export const askNpm = async (): Promise<Sbom> => {
  const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const { stdout } = await run('npm', ['sbom', ...options], { cwd: root, maxBuffer: 64e6 });
  return JSON.parse(stdout) as Sbom;
};

const bundleAll = async (): Promise<readonly Bundle[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'sbom-'));
  try {
    return await Promise.all(functionNames.map((name) => buildBundle(name, folder)));
  } finally {
    await rm(folder, { recursive: true });
  }
};

const usage = `npm run sbom

Writes dist/sbom.cdx.json: what is deployed, and which bundle has how many bytes of it.`;

const writeSbom = async (): Promise<void> => {
  readArguments({});
  const [all, packages, bundles] = await Promise.all([askNpm(), readLockedPackages(), bundleAll()]);
  const sbom = describeDeployed(all, packages, bundles);
  const file = join(root, 'dist', 'sbom.cdx.json');
  await mkdir(join(root, 'dist'), { recursive: true });
  const json = `${JSON.stringify(sbom, undefined, 1)}\n`;
  await writeFile(file, json);
  process.stdout.write(
    `dist/sbom.cdx.json  CycloneDX ${sbom.specVersion}, ${sbom.components.length} packages, ${json.length} bytes\n`,
  );
  for (const { name, packages: inside } of bundles) {
    process.stdout.write(`  ${name.padEnd(12)} has code of ${inside.size} of them\n`);
  }
};

if (import.meta.main) await runCommand(usage, writeSbom);
