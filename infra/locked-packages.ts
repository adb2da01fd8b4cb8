import { readFile } from 'node:fs/promises';

/** One package of `package-lock.json`. */
export interface LockedPackage {
  /** Its folder: `node_modules/…`. */
  readonly path: string;
  /** The name under which it is published, also where it is installed under another. */
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package says; absent where it says none. */
  readonly license?: string;
  /** Checksum of its archive (SRI); absent for what comes inside the archive of another. */
  readonly integrity?: string;
  /** Where the archive is fetched from, if not from the registry that npm is set to. */
  readonly resolved?: string;
  /** Whether `dependencies` of `package.json` need it, directly or not: what is deployed is made of these. */
  readonly isProduction: boolean;
  readonly isBundled: boolean;
  readonly hasInstallScript: boolean;
}

interface LockEntry {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}

type LockEntries = Readonly<Record<string, LockEntry>>;

/** Names of what a package cannot do without. */
const needsOf = ({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: LockEntry) => [
  ...Object.keys({ ...dependencies, ...optionalDependencies }),
  ...Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true),
];

/** The folder in which Node finds a package by its name from another's folder: the nearest `node_modules` upwards. */
const resolveFrom = (entries: LockEntries, from: string, name: string): string | undefined => {
  for (let folder = from; ; folder = folder.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`;
    if (entries[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
};

/**
 * Folders of the packages that the project's own `dependencies` need. (The lock file's own marks will not do: they call a package of
 * the compiler production as soon as it is an optional peer of one.)
 */
const findProduction = (entries: LockEntries): ReadonlySet<string> => {
  const found = new Set<string>();
  const visit = (from: string, names: readonly string[]): void => {
    for (const name of names) {
      const path = resolveFrom(entries, from, name);
      if (path === undefined || found.has(path)) continue;
      found.add(path);
      visit(path, needsOf(entries[path] ?? {}));
    }
  };
  visit('', Object.keys(entries['']?.dependencies ?? {}));
  return found;
};

const toPackage = (path: string, entry: LockEntry, isProduction: boolean): LockedPackage => {
  const { version = '', license, integrity, resolved } = entry;
  return {
    path,
    name: entry.name ?? path.replace(/^.*node_modules\//, ''),
    version,
    ...(license === undefined ? {} : { license }),
    ...(integrity === undefined ? {} : { integrity }),
    ...(resolved === undefined ? {} : { resolved }),
    isProduction,
    isBundled: entry.inBundle === true,
    hasInstallScript: entry.hasInstallScript === true,
  };
};

/** Every package that `npm ci` installs, without the project itself, in the order of the lock file. */
export const readLockedPackages = async (): Promise<readonly LockedPackage[]> => {
  const text = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(text) as { packages: LockEntries };
  const production = findProduction(packages);
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => toPackage(path, entry, production.has(path)));
};
