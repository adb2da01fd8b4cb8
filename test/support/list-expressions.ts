import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Token, tokenizer } from 'acorn';
import { transformSync } from 'esbuild';

/** A regular expression as the source has it. */
export interface FoundExpression {
  readonly source: string;
  readonly flags: string;
}

/** What is found in the source: literals, and where an expression is put together at run time. */
export interface FoundExpressions {
  /** By their text, `/…/flags`, each once. */
  readonly literals: ReadonlyMap<string, FoundExpression>;
  /** Files in whose code the name `RegExp` stands. */
  readonly builders: readonly string[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));

const listSources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => `${folder}/${file}`)
    .sort();

/** The tokens of a file without its types; whether a `/` begins an expression only a tokenizer knows. */
const readTokens = (file: string) => {
  const { code } = transformSync(readFileSync(join(root, file), 'utf8'), { loader: 'ts', target: 'esnext' });
  // The types of acorn leave out what its manual has: a token's value.
  return tokenizer(code, { ecmaVersion: 'latest', sourceType: 'module' }) as Iterable<Token & { value: unknown }>;
};

/** Every regular expression in the TypeScript files of these folders of the project. */
export const listExpressions = (folders: readonly string[]): FoundExpressions => {
  const literals = new Map<string, FoundExpression>();
  const builders = new Set<string>();
  for (const file of folders.flatMap(listSources)) {
    for (const { type, value } of readTokens(file)) {
      if (type.label === 'regexp') {
        const { pattern: source, flags } = value as { pattern: string; flags: string };
        literals.set(`/${source}/${flags}`, { source, flags });
      } else if (type.label === 'name' && value === 'RegExp') builders.add(file);
    }
  }
  return { literals, builders: [...builders] };
};
