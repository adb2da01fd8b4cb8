import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runMeasured } from '../../../bench/harness/run-measured.ts';
import { measureCpu } from '../../../bench/harness/usage.ts';

const usage = fileURLToPath(new URL('../../../bench/harness/usage.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'measured-'));
});
afterAll(() => rm(folder, { recursive: true }));

const writeProgram = async (name: string, code: string): Promise<string> => {
  const file = join(folder, `${name}.ts`);
  await writeFile(file, `import { reportUsage } from ${JSON.stringify(usage)};\n${code}`);
  return file;
};

const spin = 'const end = process.cpuUsage().user + 60_000; while (process.cpuUsage().user < end);';

test('a program reports its own processor time, peak memory and findings', async () => {
  const file = await writeProgram('spins', `${spin}\nreportUsage({ found: [process.argv[2], process.env.COLOUR] });`);
  const report = await runMeasured({ file, arguments: ['one'], environment: { COLOUR: 'red' } });
  expect(report).toMatchObject({ found: ['one', 'red'] });
  expect(report.cpuMillis).toBeGreaterThan(60);
  expect(report.peakBytes).toBeGreaterThan(10e6);
});

test('a program that fails, or says nothing, is an error', async () => {
  const failing = await writeProgram('fails', "reportUsage(); throw new Error('out of luck');");
  await expect(runMeasured({ file: failing })).rejects.toThrow('out of luck');
  await expect(runMeasured({ file: await writeProgram('is-silent', '') })).rejects.toThrow('ended with 0');
});

test('processor time of work in this process does not count waiting', async () => {
  const busy = await measureCpu(() => {
    const end = process.cpuUsage().user + 30_000;
    while (process.cpuUsage().user < end);
  });
  expect(busy).toBeGreaterThanOrEqual(30);
});
