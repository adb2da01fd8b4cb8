import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countWork } from '../../../bench/cost/measure-work.ts';
import { type Measurement, workNames } from '../../../bench/cost/work.ts';
import { readInfraTemplate } from '../../../local/infra-template.ts';

const file = new URL('../../../bench/cost/measured-work.json', import.meta.url);
const measured = JSON.parse(readFileSync(file, 'utf8')) as Measurement;

test('what the work is billed for is what docs/cost.md rests on; else: npm run cost -- --count, then npm run --silent cost > docs/cost.md', async () => {
  const { work } = await countWork(await readInfraTemplate());
  for (const name of workNames) {
    const { calls, writeUnits, readUnits } = work[name];
    const { calls: told, writeUnits: toldWrites, readUnits: toldReads } = measured.work[name];
    expect({ calls, writeUnits, readUnits }, name).toEqual({
      calls: told,
      writeUnits: toldWrites,
      readUnits: toldReads,
    });
  }
});
