import { readFileSync } from 'node:fs';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { logEvents } from '../functions/platform/log-events.ts';
import type { MetricDefinition } from '../functions/platform/metrics.ts';
import * as metricsModule from '../functions/platform/metrics.ts';

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

/** A module of constants, with what is to stand in place of some of them. */
const writeModule = (module: object, replaced: Readonly<Record<string, unknown>>) => {
  const constants = Object.entries({ ...module, ...replaced });
  const contents = constants.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`).join('\n');
  return { contents, loader: 'js' } as const;
};

const pick = <Value>(table: Readonly<Record<string, Value>>, isWanted: (name: string, value: Value) => boolean) =>
  Object.fromEntries(Object.entries(table).filter(([name, value]) => isWanted(name, value)));

/**
 * Leaves the events out of a function's log that none of its files names, and the metrics that only those carry: two thirds of the tables, for each
 * function another two. An event is named as a text of its own wherever it is logged, which the type of the logger sees to.
 *
 * @param root the project's folder
 */
export const createLeanLogEventsPlugin = (root: string): Plugin => ({
  name: 'lean-log-events',
  setup(esbuild) {
    const findEvents = async () => {
      const sources = (await findSources(esbuild.initialOptions)).filter((file) => !named.has(file));
      const text = sources.map((file) => readFileSync(`${root}/${file}`, 'utf8')).join('\n');
      return pick(logEvents, (event) => text.includes(`'${event}'`));
    };
    let found: ReturnType<typeof findEvents> | undefined;
    const events = () => {
      found ??= findEvents();
      return found;
    };
    esbuild.onLoad({ filter: /\/functions\/platform\/log-events\.ts$/ }, async () =>
      writeModule({}, { logEvents: await events() }),
    );
    esbuild.onLoad({ filter: /\/functions\/platform\/metrics\.ts$/ }, async () => {
      const known = await events();
      const metrics: Readonly<Record<string, MetricDefinition>> = metricsModule.metrics;
      return writeModule(metricsModule, {
        metrics: pick(metrics, (_name, { events: carriers }) => carriers.some((event) => event in known)),
      });
    });
  },
});
