import type { Plugin } from 'esbuild';

/** A module that is evaluated when one of its functions is first called, and not when a function starts. */
interface LateModule {
  /** The imports that mean it: a package by its name, one of our files by the end of its path. */
  readonly imported: RegExp;
  /** Where it is, for esbuild: a package, or a file from the project's folder. */
  readonly module: string;
  /** All that is imported from it. None is called so often that one call more would count. */
  readonly functions: readonly string[];
  readonly because: string;
}

/** What takes long to evaluate, and only a report needs. */
const lateModules: readonly LateModule[] = [
  {
    imported: /^fflate$/,
    // The same code without Node's workers, which it would load at once.
    module: 'fflate/browser',
    functions: ['zipSync'],
    because:
      'it computes what 32 768 numbers are with their bits reversed, which takes a tenth of an order that starts a container',
  },
];

const namespace = 'late-module';

/**
 * Puts off what a start of a container has no use for. The modules stay in the same file, each with all that only it imports; others import
 * functions that are called through. Which imports are meant is known here alone, so that source and tests import them as anything else.
 *
 * @param root the project's folder
 */
export const createLateModulesPlugin = (root: string): Plugin => ({
  name: 'late-modules',
  setup(build) {
    for (const [index, { imported, module, functions }] of lateModules.entries()) {
      const [door, room] = [`${index}-door`, `${index}-room`];
      const doors = functions.map((name) => `export const ${name} = (...all) => require('${room}').${name}(...all);`);
      const rooms = `export { ${functions.join(', ')} } from '${module}';`;
      build.onResolve({ filter: imported }, (asked) =>
        asked.namespace === namespace ? undefined : { path: door, namespace, sideEffects: false },
      );
      build.onResolve({ filter: new RegExp(`^${room}$`), namespace }, () => ({ path: room, namespace }));
      build.onLoad({ filter: new RegExp(`^${door}$`), namespace }, () => ({
        contents: doors.join('\n'),
        resolveDir: root,
      }));
      build.onLoad({ filter: new RegExp(`^${room}$`), namespace }, () => ({ contents: rooms, resolveDir: root }));
    }
  },
});
