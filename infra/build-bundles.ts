import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { zipSync } from 'fflate';
import { readArguments, runCommand } from '../local/command-line.ts';
import { builtinModulesPlugin } from './builtin-modules-plugin.ts';
import { hashCountingCode } from './hash-counting-code.ts';
import { createLateModulesPlugin } from './late-modules-plugin.ts';
import { createLeanLogEventsPlugin } from './lean-log-events-plugin.ts';
import { createLeanSdkPlugin } from './lean-sdk-plugin.ts';

/** The deployed functions: one folder of `functions/`, one bundle and one zip each. */
export const functionNames = ['api', 'worker', 'dispatcher', 'cleaner', 'importer', 'auditor'] as const;

/** The name of a deployed function. */
export type FunctionName = (typeof functionNames)[number];

/** What came out for one function. */
export interface Bundle {
  readonly name: FunctionName;
  /** Minified JavaScript, in bytes. */
  readonly bytes: number;
  /** The zip that Lambda gets, in bytes. */
  readonly zipBytes: number;
  /** Bytes that each package, or `functions`, adds to the bundle; the largest first. */
  readonly contributors: readonly (readonly [origin: string, bytes: number])[];
  /** Bytes that the packages add, by their folder as `package-lock.json` names it. */
  readonly packages: ReadonlyMap<string, number>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** `node_modules/@aws-sdk/core/dist/…` belongs to `@aws-sdk/core`; everything else is our own. */
const originOf = (input: string): string => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'functions';

/** The folder of the package that an input belongs to; nothing for our own code. */
const packageOf = (input: string): string | undefined => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];

const addUp = <Key>(metafile: Metafile, keyOf: (input: string) => Key | undefined): Map<Key, number> => {
  const sizes = new Map<Key, number>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const key = keyOf(input);
      if (key !== undefined && bytesInOutput > 0) sizes.set(key, (sizes.get(key) ?? 0) + bytesInOutput);
    }
  }
  return sizes;
};

const listContributors = (metafile: Metafile): Bundle['contributors'] =>
  [...addUp(metafile, originOf)].sort(([, one], [, other]) => other - one);

/** Equal input gives equal bytes: a fixed time (the oldest that ZIP knows) and file mode, so that an unchanged function is not deployed anew. */
const zipHandler = (code: Uint8Array): Uint8Array =>
  zipSync({ 'handler.mjs': [code, { level: 9, mtime: '1980-01-01T00:00:00', os: 3, attrs: 0o100644 << 16 }] });

/** How esbuild makes a function's bundle. */
export const bundleSettings = (name: FunctionName) =>
  ({
    entryPoints: { handler: `functions/${name}/handler.ts` },
    absWorkingDir: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Node 24 has it; what esbuild writes in its place is kept where nobody uses it.
    supported: { 'regexp-unicode-property-escapes': true },
    plugins: [
      builtinModulesPlugin,
      createLateModulesPlugin(root),
      createLeanSdkPlugin(root),
      createLeanLogEventsPlugin(root),
    ],
    // What api and worker keep of a report is found by the code that counted it (`functions/reports/counting-code.ts`).
    define: { COUNTING_CODE: JSON.stringify(hashCountingCode(root)) },
    mainFields: ['module', 'main'],
    conditions: ['module', 'import'],
    minify: true,
    // One byte a character is read faster than two, which a single letter outside of Latin-1 would make of the whole file.
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  }) satisfies BuildOptions;

/**
 * Bundles one function into `<folder>/<name>/handler.mjs` and `<folder>/<name>.zip`; the source map stays outside the zip in
 * `<folder>/maps/`.
 *
 * @throws BuildFailure (esbuild) when the code does not bundle
 */
export const buildBundle = async (name: FunctionName, folder: string): Promise<Bundle> => {
  const { outputFiles, metafile } = await build({
    ...bundleSettings(name),
    outdir: `${folder}/${name}`,
    sourcemap: 'external',
    metafile: true,
    write: false,
  });
  const code = outputFiles.find(({ path }) => path.endsWith('.mjs'))?.contents ?? new Uint8Array();
  const map = outputFiles.find(({ path }) => path.endsWith('.map'))?.contents ?? new Uint8Array();
  const zip = zipHandler(code);
  await mkdir(`${folder}/${name}`, { recursive: true });
  await mkdir(`${folder}/maps`, { recursive: true });
  await writeFile(`${folder}/${name}/handler.mjs`, code);
  await writeFile(`${folder}/maps/${name}.mjs.map`, map);
  await writeFile(`${folder}/${name}.zip`, zip);
  const packages = addUp(metafile, packageOf);
  return { name, bytes: code.byteLength, zipBytes: zip.byteLength, contributors: listContributors(metafile), packages };
};

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0).padStart(5)} kB`;

const printBundle = ({ name, bytes, zipBytes, contributors }: Bundle, isWhole: boolean): void => {
  process.stdout.write(
    `dist/${`${name}.zip`.padEnd(15)} ${kilobytes(zipBytes)}  (${kilobytes(bytes).trim()} minified)\n`,
  );
  if (!isWhole) return;
  for (const [origin, size] of contributors.slice(0, 15)) process.stdout.write(`  ${kilobytes(size)}  ${origin}\n`);
};

const usage = `npm run build -- [--contributors]

Bundles every function into dist/<name>.zip.
  --contributors  what the fifteen largest parts of each bundle are`;

if (import.meta.main) {
  await runCommand(usage, async () => {
    const { values } = readArguments({ contributors: { type: 'boolean', default: false } });
    const folder = `${root}dist`;
    await rm(folder, { recursive: true, force: true });
    const bundles = await Promise.all(functionNames.map((name) => buildBundle(name, folder)));
    for (const bundle of bundles) printBundle(bundle, values.contributors);
  });
}
