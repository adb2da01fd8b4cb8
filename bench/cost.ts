import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readArguments, runCommand } from '../local/command-line.ts';
import { countStanding } from './cost/count-standing.ts';
import { describeCost } from './cost/describe-cost.ts';
import { measureWork, recountWork } from './cost/measure-work.ts';
import type { PriceList } from './cost/price-month.ts';
import type { Measurement } from './cost/work.ts';

const usage = `npm run --silent cost
       npm run cost -- --count | --measure

Prints what a month costs at several volumes, as docs/cost.md has it.
  --count    counts the work anew and keeps its times, after a change of what is called or written
  --measure  counts and times the work anew, and writes bench/cost/measured-work.json; a minute`;

const measuredFile = fileURLToPath(new URL('./cost/measured-work.json', import.meta.url));
const priceFile = fileURLToPath(new URL('../infra/prices/eu-north-1.json', import.meta.url));

const readJson = async <Content>(file: string): Promise<Content> => JSON.parse(await readFile(file, 'utf8')) as Content;

await runCommand(usage, async () => {
  const { values } = readArguments({
    count: { type: 'boolean', default: false },
    measure: { type: 'boolean', default: false },
  });
  if (values.measure || values.count) {
    const measured = values.measure
      ? await measureWork({ episodes: 100_000, rounds: 11 })
      : await recountWork(await readJson<Measurement>(measuredFile));
    await writeFile(measuredFile, `${JSON.stringify(measured, undefined, 2)}\n`);
    console.log('Measured. Write the page: npm run --silent cost > docs/cost.md');
    return;
  }
  const measured = { ...(await readJson<Measurement>(measuredFile)), standing: countStanding() };
  process.stdout.write(describeCost(measured, await readJson<PriceList>(priceFile)));
});
