import { pathOf, type Replacement } from './replacement.ts';

/** Files of other packages than the SDK. */
export const libraryReplacements: readonly Replacement[] = [
  ...['charset', 'language'].map(
    (aspect): Replacement => ({
      file: `negotiator/lib/${aspect}.js`,
      because: 'encodings and media types are negotiated, and nothing else',
      contents: `module.exports = () => { throw new Error('${aspect}s are not negotiated'); };`,
    }),
  ),
  {
    file: 'aws-jwt-verify/dist/esm/node-web-compat-node.js',
    because:
      'it fetches key sets, which is done elsewhere, and hands Node an RSA key in a form that doubles what a signature costs',
    contents: `export { nodeWebCompat } from ${pathOf('./verifier-platform.ts')};`,
  },
  {
    file: 'aws-jwt-verify/dist/esm/safe-json-parse.js',
    because: 'it calls a function for each member of a token, to take two away that are hardly ever there',
    contents: `export { isJsonObject, safeJsonParse } from ${pathOf('./verifier-json.ts')};`,
  },
];
