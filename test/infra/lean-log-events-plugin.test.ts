import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { logEvents } from '../../functions/platform/log-events.ts';
import { metrics } from '../../functions/platform/metrics.ts';
import { bundleSettings } from '../../infra/build-bundles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The api's code, and the text of our own files that it is made of, but for those that name every event. */
const bundleApi = async () => {
  const settings = { ...bundleSettings('api'), outdir: 'nowhere', write: false, metafile: true } as const;
  const { outputFiles, metafile } = await build(settings);
  const isNamed = (file: string) => /^functions\/(?!platform\/(?:log-events|metrics)\.ts)/.test(file);
  const sources = Object.keys(metafile.inputs).filter(isNamed);
  const texts = sources.map((file) => readFileSync(`${root}/${file}`, 'utf8'));
  return { code: outputFiles[0]?.text ?? '', text: texts.join('\n') };
};

test('a function has every event that one of its files names, and no other', async () => {
  const { code, text } = await bundleApi();
  const events = Object.entries(logEvents);
  const has = events.flatMap(([event, { message }]) => (code.includes(message) ? [event] : []));
  expect(has).toEqual(events.flatMap(([event]) => (text.includes(`'${event}'`) ? [event] : [])));
  expect(has).toContain('ORDER_PLACED');
  expect(has).not.toContain('JOB_CLAIMED');
});

test('and every metric that one of these events carries, and no other', async () => {
  const { code } = await bundleApi();
  const has = Object.keys(metrics).filter((name) => code.includes(`${name}:{events:`));
  expect(has).toEqual(expect.arrayContaining(['PlacedOrders', 'RequestDuration', 'TenantFaults', 'CorruptContents']));
  expect(has).not.toContain('FinishedJobs');
  expect(has).not.toContain('Ticks');
});
