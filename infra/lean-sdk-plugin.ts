import { existsSync, globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { dropUnusedMembers } from './drop-unused-members.ts';
import { replacements } from './lean-sdk-replacements.ts';

/** What a browser would use in place of Node's streams; each of its exports refuses. */
const refuseAll = (source: string): string => {
  const names = [...source.matchAll(/^export (?:const|class|function|async function) (\w+)/gm)].map(([, name]) => name);
  return `const refuse = function () { throw new Error('web streams are not part of this bundle'); };
    export { ${names.map((name) => `refuse as ${name}`).join(', ')} };`;
};

/** What a constant is made of at the top of a module; without the mark a bundler keeps it, used or not. */
const markPure = (source: string): string =>
  source.replaceAll(/^((?:export )?const \w+ = )((?:new RegExp|createPaginator)\()/gm, '$1/* @__PURE__ */ $2');

const escapePattern = (text: string): string => text.replaceAll(/[.+]/g, '\\$&');

const readOurs = (root: string): readonly string[] =>
  globSync('functions/**/*.ts', { cwd: root }).map((file) => readFileSync(`${root}/${file}`, 'utf8'));

/** Names that our own code imports from an SDK client: error classes among them are what it tells errors by. */
const findImportedNames = (sources: readonly string[]): ReadonlySet<string> => {
  const lists = sources.flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-/g)]);
  return new Set(lists.flatMap(([, list = '']) => list.match(/\w+/g) ?? []));
};

/**
 * A schema file describes every operation and error of a service. Its keys are constants (`[_h]: …`), which a bundler has to take for
 * something with effects; written out, everything that no operation in use refers to can go. So can the classes of errors that our
 * code does not tell by their class: they come as the service's general exception, with the same name, status and message.
 */
const leanSchemas = (service: string, source: string, keep: ReadonlySet<string>, ours: string): string => {
  const texts = new Map(
    [...source.matchAll(/^const (_\w+) = ("[^"\n]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  if (texts.size === 0) throw new Error('the schema files of the SDK have another form now');
  return dropUnusedMembers(service, source, texts, ours)
    .replaceAll(/\[(_\w+)\]: /g, (all, name: string) => (texts.has(name) ? `${texts.get(name)}: ` : all))
    .replaceAll(/^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm, (all, name: string) => (keep.has(name) ? all : ''));
};

/**
 * Takes out of the AWS SDK what a function in Lambda never uses.
 *
 * @param root the project's folder
 * @throws Error at build time when an update of the SDK has moved what is replaced
 */
export const createLeanSdkPlugin = (root: string): Plugin => ({
  name: 'lean-sdk',
  setup(build) {
    const sources = readOurs(root);
    const imported = findImportedNames(sources);
    const ours = sources.join('\n');
    for (const { file, contents } of replacements) {
      if (!existsSync(`${root}/node_modules/${file}`)) throw new Error(`the SDK has no ${file} any more`);
      const filter = new RegExp(`/node_modules/${escapePattern(file)}$`);
      build.onLoad({ filter }, () => ({ contents, loader: 'js' }));
    }
    build.onLoad({ filter: /\/serde\/util-stream\/.*\.browser\.js$/ }, async ({ path }) => ({
      contents: refuseAll(await readFile(path, 'utf8')),
      loader: 'js',
    }));
    build.onLoad({ filter: /\/node_modules\/@aws-sdk\/.*\/schemas_0\.js$/ }, async ({ path }) => {
      const service = /\/client-([^/]+)\//.exec(path)?.[1] ?? '';
      return { contents: leanSchemas(service, await readFile(path, 'utf8'), imported, ours), loader: 'js' };
    });
    build.onLoad(
      { filter: /\/node_modules\/(?:valibot\/dist\/index\.mjs|@aws-sdk\/lib-dynamodb\/dist-es\/pagination\/.*\.js)$/ },
      async ({ path }) => ({
        contents: markPure(await readFile(path, 'utf8')),
        loader: 'js',
      }),
    );
    // Of its own package.json a client needs the version, for the user agent.
    build.onLoad({ filter: /\/node_modules\/@aws-sdk\/.*\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
});
