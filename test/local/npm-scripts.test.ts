import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };

/** Those that are programs of our own, with their arguments: `infra/osls.ts package`. */
const programs = Object.entries(scripts).flatMap(([name, script]) => {
  const [program, ...args] = script.split(' ');
  return program === 'node' ? [{ name, args }] : [];
});

const run = (args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

it('all scripts are programs of our own, but for those that run the tests and the linters', () => {
  const others = Object.keys(scripts).filter((name) => !programs.some((program) => program.name === name));
  expect(others).toEqual(['test', 'check', 'drills']);
});

describe.concurrent.each(programs)('npm run $name', ({ name, args }) => {
  it('tells with --help what it is for, and does nothing', async () => {
    const { code, stdout, stderr } = await run([...args, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^(?:Usage:)? +npm (?:run (?:--silent )?)?${name}\\b`, 'm'));
  }, 60_000);
});

// Those of local/ that take arguments are in commands.embedded.test.ts.
describe.concurrent('a wrong call is told with the right one, and ends with 2', () => {
  it.each([
    ['test/simulation/simulate.ts', ['--runs', 'abc'], '--runs has to be a whole number from 1 to 100000000'],
    ['test/simulation/simulate.ts', ['--seed', 'x'], '--seed has to be a whole number from 0 to 2147483647'],
    ['test/mutation/mutate.ts', [], 'One area has to be named: auth, jobs, statistic'],
    ['test/support/print-catalogue.ts', [], 'One report has to be named'],
    ['infra/checks/check-regions.ts', ['--region', 'nope'], "Unknown option '--region'"],
    ['infra/build-bundles.ts', ['api'], "Unexpected argument 'api'"],
    ['infra/licences.ts', ['-x'], "Unknown option '-x'"],
    ['bench/soak.ts', ['--workers', '1.5'], '--workers has to be a whole number from 1 to 16'],
  ])(
    '%s %j',
    async (program, args, message) => {
      const { code, stdout, stderr } = await run([program, ...args]);
      expect(stderr.split('\n')[0]).toBe(message);
      expect(stderr).toContain('Usage: npm run ');
      expect([code, stdout]).toEqual([2, '']);
    },
    60_000,
  );
});

/** What the messages of `local/` tell to type, with its arguments; usages and comments are no messages. */
const toldToType = globSync('local/*.ts', { cwd: root }).flatMap((file) => {
  const text = readFileSync(`${root}${file}`, 'utf8');
  const messages = text.replaceAll(/^const usage = `[^`]*`|\/\*\*.*?\*\//gms, '');
  const commands = /npm run (?:tenant|imports?|load|forget|redrive) -- (?:(?!npm run)[^`'\n])*/g;
  return [...messages.matchAll(commands)].map(([command]) => `${file}: ${command}`);
});

it('a command that a message tells to type names the stage that the message is about, or leaves that open', () => {
  expect(toldToType.length).toBeGreaterThan(7);
  expect(toldToType.filter((line) => !/\$\{\w*\.?\w*[aA]rguments|\$\{region\}|…/.test(line))).toEqual([]);
});

it('an experiment tells with --help what its own options are', async () => {
  const { stdout } = await run(['bench/bench.ts', 'order', '--help']);
  expect(stdout).toMatch(/^Usage: npm run bench -- order \[--quick\]/);
});
