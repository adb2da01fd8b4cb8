import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTape, writeTape } from './decision-tape.ts';
import { createMixedVersions } from './earlier-orders.ts';
import { runBatch } from './run-batch.ts';
import { runSchedule } from './run-schedule.ts';

const kept = new URL('./tapes/', import.meta.url);

describe('the simulation', () => {
  test('A3, A8, A10–A13, A31–A35, A46, A48, A53: the service keeps I1 to I12 whatever goes wrong', async () => {
    const { failure, tally } = await runBatch(60, 20_261_123);
    expect(failure && `${failure.violation}: npm run simulate -- --tape ${failure.tape}`).toBeUndefined();
    expect(tally.crashes).toBeGreaterThan(10);
    expect(Object.keys(tally.faults).length).toBeGreaterThan(15);
    expect(Object.keys(tally.outcomes)).toContain('DONE');
  });

  test('A55: so it does while orders are placed by two versions of it side by side', async () => {
    const { failure, tally } = await runBatch(30, 20_261_128, createMixedVersions());
    expect(failure?.violation).toBeUndefined();
    expect(tally.crashes).toBeGreaterThan(3);
  });

  test('a tape that decides nothing is one order, and all goes well', async () => {
    const { violation, outcomes, counts } = await runSchedule([]);
    expect(violation).toBeUndefined();
    expect(outcomes).toEqual({ DONE: 1 });
    expect(counts.faults).toEqual({});
  });

  test('the same tape is the same run, to the last log line', async () => {
    const tape = Array.from({ length: 400 }, (_, at) => (at * 89 + 17) % 256);
    const runs = [[], []] as string[][];
    for (const lines of runs) {
      await runSchedule(tape, { log: (line) => lines.push(line), trace: (line) => lines.push(line) });
    }
    expect(runs[0]?.length).toBeGreaterThan(20);
    expect(runs[0]).toEqual(runs[1]);
  });

  test('a tape is read as it was written, but for zeros at its end', () => {
    expect(readTape(writeTape([1, 0, 255, 0, 0]))).toEqual([1, 0, 255]);
    expect(() => readTape('0g')).toThrow(TypeError);
  });

  test.each(readdirSync(kept).filter((name) => name.endsWith('.json')))(
    'what was wrong once stays mended: %s',
    async (name) => {
      const { tape } = JSON.parse(readFileSync(new URL(name, kept), 'utf8')) as { readonly tape: string };
      expect((await runSchedule(readTape(tape))).violation).toBeUndefined();
    },
  );
});
