import { expect, test } from 'vitest';
import { runBatch } from '../run-batch.ts';
import { runSchedule } from '../run-schedule.ts';
import { firstWithImports } from '../themes.ts';

test('A3, A8, A31–A35: imports keep I1 to I12 whatever goes wrong', async () => {
  const { failure, tally } = await runBatch(30, 20_261_128, {}, true);
  expect(failure && `${failure.violation}: npm run simulate -- --tape ${failure.tape}`).toBeUndefined();
  expect(tally.importRuns).toBe(30);
  expect(tally.imports['DONE']).toBeGreaterThan(30);
  expect(Object.keys(tally.imports).length).toBeGreaterThan(3);
  expect(Object.keys(tally.faults).filter((kind) => kind.startsWith('export')).length).toBeGreaterThan(5);
});

test('of a tape that decides nothing else, an import that an operator begins is done, and the reports are made from it', async () => {
  const { violation, imports, outcomes, counts } = await runSchedule([firstWithImports]);
  expect(violation).toBeUndefined();
  expect(imports).toEqual({ DONE: 1 });
  expect(outcomes).toEqual({ DONE: 1 });
  expect(counts.faults).toEqual({});
});

test('the same tape is the same run with imports too, to the last log line', async () => {
  const tape = Array.from({ length: 400 }, (_, at) => (at === 0 ? 255 : (at * 89 + 17) % 256));
  const runs = [[], []] as string[][];
  for (const lines of runs) {
    await runSchedule(tape, { log: (line) => lines.push(line), trace: (line) => lines.push(line) });
  }
  expect(runs[0]?.filter((line) => line.includes('IMPORT_DONE')).length).toBeGreaterThan(0);
  expect(runs[0]).toEqual(runs[1]);
});
