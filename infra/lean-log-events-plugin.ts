import { readFileSync } from 'node:fs';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { logEvents } from '../functions/platform/log-events.ts';

const table = 'functions/platform/log-events.ts';

/** What names every event and logs none: the table itself, and the metrics that events carry. */
const named: ReadonlySet<string> = new Set([table, 'functions/platform/metrics.ts']);

/** Our own files that a bundle is made of. */
const findSources = async ({ entryPoints, absWorkingDir }: BuildOptions): Promise<readonly string[]> => {
  const settings = { bundle: true, packages: 'external', platform: 'node', format: 'esm', write: false } as const;
  const { metafile } = await build({
    ...settings,
    metafile: true,
    outdir: 'nowhere',
    ...(entryPoints === undefined ? {} : { entryPoints }),
    ...(absWorkingDir === undefined ? {} : { absWorkingDir }),
  });
  return Object.keys(metafile.inputs);
};

/**
 * Leaves the events out of a function's log that none of its files names: two thirds of the table, for each function another two. An event is
 * named as a text of its own wherever it is logged, which the type of the logger sees to.
 *
 * @param root the project's folder
 */
export const createLeanLogEventsPlugin = (root: string): Plugin => ({
  name: 'lean-log-events',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\/functions\/platform\/log-events\.ts$/ }, async () => {
      const sources = (await findSources(esbuild.initialOptions)).filter((file) => !named.has(file));
      const text = sources.map((file) => readFileSync(`${root}/${file}`, 'utf8')).join('\n');
      const used = Object.entries(logEvents).filter(([event]) => text.includes(`'${event}'`));
      return { contents: `export const logEvents = ${JSON.stringify(Object.fromEntries(used))};`, loader: 'js' };
    });
  },
});
