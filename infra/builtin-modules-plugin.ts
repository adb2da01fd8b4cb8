import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

const namespace = 'builtin-module';

/** `WebSocket` and the like of `node:http`: globals that are loaded when they are first looked at. */
const isLazyGlobal = (builtin: object, name: string): boolean =>
  name in globalThis && Object.getOwnPropertyDescriptor(builtin, name)?.get !== undefined;

/** A module of Node as an ES module whose exports are read one by one, and only those that are used: a bundler drops the others. */
const writeFacade = (module: string): string => {
  const builtin: object = process.getBuiltinModule(module) ?? {};
  const names = Object.keys(builtin).filter((name) => /^[A-Za-z_]\w*$/.test(name) && !isLazyGlobal(builtin, name));
  return [
    `const $builtin = process.getBuiltinModule('${module}');`,
    'const $read = (name) => $builtin[name];',
    'export default $builtin;',
    ...names.filter((one) => one !== 'default').map((one) => `export const ${one} = /* @__PURE__ */ $read('${one}');`),
  ].join('\n');
};

/**
 * Takes the modules of Node from `process.getBuiltinModule` in place of an import. An ES module that imports `node:http` makes Node set up
 * every export of it as a binding, `WebSocket` and `fetch` with them, and that loads undici. Asked for in this way a module is handed over
 * as it is, and what it would load later stays unloaded.
 */
export const builtinModulesPlugin: Plugin = {
  name: 'builtin-modules',
  setup(build) {
    build.onResolve({ filter: /^[a-z_:/\d]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: `node:${path.replace(/^node:/, '')}`, namespace } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: writeFacade(path), loader: 'js' }));
  },
};
