import { fileURLToPath } from 'node:url';

/** A file of a package, mostly of the AWS SDK, that is replaced: what it would do in Lambda, and why that is not wanted. */
export interface Replacement {
  /** Below `node_modules/`. */
  readonly file: string;
  readonly because: string;
  readonly contents: string;
}

/** Where the core of the SDK's clients keeps its parts. */
export const smithy = '@smithy/core/dist-es/submodules';

/** The path of a file of this folder, as a literal for the contents of a replacement. */
export const pathOf = (file: `./${string}`): string => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

/** A middleware that adds nothing to a client. */
export const noPlugin = (plugin: string, middleware: string, ...others: readonly string[]): string => {
  const names = [middleware, ...(others.length === 0 ? [`${middleware}Options`] : others)];
  return `export const ${plugin} = () => ({ applyToStack() {} }); export let ${names.join(', ')};`;
};
