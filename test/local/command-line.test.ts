import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { CommandError, runCommand, UsageError } from '../../local/command-line.ts';

const lines: unknown[] = [];

beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
  // One listener of each command would stay.
  vi.spyOn(process.stdout, 'on').mockReturnValue(process.stdout);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const told = async (error: Error): Promise<readonly unknown[]> => {
  await runCommand('npm run x', () => Promise.reject(error));
  return [process.exitCode, lines.at(-1)];
};

test('a wrong call is told with the right one, and ends with 2', async () => {
  expect(await told(new UsageError('No.'))).toEqual([2, 'No.\n\nUsage: npm run x']);
});

test.each([['--help'], ['-h'], ['--no-such-option', '--help']])(
  '%s … is answered with the right call, ends with 0, and nothing is run',
  async (...args) => {
    const said: unknown[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void said.push(line));
    vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', 'x.ts', ...args]);
    const run = vi.fn();
    await runCommand('npm run x', run);
    expect(said).toEqual(['Usage: npm run x']);
    expect([process.exitCode, lines.length]).toEqual([undefined, 0]);
    expect(run).not.toHaveBeenCalled();
  },
);

test('a file that is called --help is named after --', async () => {
  vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', 'x.ts', '--', '--help']);
  const run = vi.fn();
  await runCommand('npm run x', run);
  expect(run).toHaveBeenCalledOnce();
});

test('what was foreseen is told in a line, and ends with 1', async () => {
  expect(await told(new CommandError('Not now.'))).toEqual([1, 'Not now.']);
});

test('a store that does not answer, or refuses, is told in a line with what to look at', async () => {
  const [, away] = await told(
    new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'import-store connection' }),
  );
  expect(away).toMatch(/^A store does not answer \(import-store connection\)\. Is the service still there\?/);
  const [, refused] = await told(new ServiceError('DEPENDENCY_REFUSED', { reason: 'job-store AccessDenied' }));
  expect(refused).toMatch(/^A store refuses \(job-store AccessDenied\)\. May you use it\?/);
});

test.each([
  [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), /^A store does not answer \(AWS ECONNREFUSED\)\./],
  [new AggregateError([], 'both'), undefined],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), /does not answer \(AWS ECONNREFUSED\)/],
  [Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }), /does not answer \(AWS CERT_HAS_EXPIRED\)/],
  [Object.assign(new Error('x'), { name: 'TimeoutError' }), /does not answer \(AWS TimeoutError\)/],
  [
    Object.assign(new Error('x'), { name: 'NoSuchBucket', $fault: 'client' }),
    /^A store refuses \(AWS NoSuchBucket\)\./,
  ],
  [Object.assign(new Error('x'), { name: 'CredentialsProviderError' }), /refuses \(AWS CredentialsProviderError\)/],
  [new Error('Region is missing'), /^In which region\? Set AWS_REGION/],
  [Object.assign(new Error('open'), { code: 'ENOENT' }), undefined],
])('what an AWS client throws, %s, is told in a line; what is none of theirs is told whole', async (error, line) => {
  const [code, shown] = await told(error);
  expect(code).toBe(1);
  if (line === undefined) expect(shown).toBe(error);
  else expect(shown).toMatch(line);
});

test('what nobody foresaw is told whole', async () => {
  const error = new Error('x');
  expect(await told(error)).toEqual([1, error]);
});
