import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerToken, watch } from '../support/leak-watch.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;
const environment = () => ({ PATH: process.env['PATH'] ?? '', REPORTING_LOCAL_FOLDER: folder });

/** A line that can be loaded, and of which no report can be made: it has no patient. */
const episode = '{"resourceType":"EpisodeOfCare"}';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the commands to its end. */
const run = (command: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'local', `${command}.ts`), ...args],
      { env: environment(), cwd: folder },
      (error, stdout, stderr) => {
        // `token` is there to print one.
        if (command === 'token') registerToken(stdout);
        else watch(`stdout of ${command}`, stdout);
        watch(`stderr of ${command}`, stderr);
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      },
    );
  });

/** Starts `npm start` and gives it with all it has printed once it is ready. */
const startService = async (...args: string[]): Promise<{ child: ChildProcess; printed: string }> => {
  const child = spawn(process.execPath, [join(root, 'local/start.ts'), '--port', '0', ...args], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const ready = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk) => {
    printed += String(chunk);
    // What is no line of the log is for whoever started it, with a token to begin with.
    for (const line of String(chunk).split('\n')) if (line.startsWith('{')) watch('the log of start', line);
    if (printed.includes('What follows')) ready.resolve();
  });
  child.on('exit', () => ready.reject(new Error('npm start has ended')));
  await ready.promise;
  return { child, printed };
};

const shell = (line: string): Promise<Ended> =>
  new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

describe('with npm start running', () => {
  let child: ChildProcess;
  let printed: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'commands-'));
    ({ child, printed } = await startService());
  });
  afterAll(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('token prints one token, of the user in the contract or of the one asked for', async () => {
    const { stdout } = await run('token');
    expect(stdout.split('\n')).toEqual([expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), '']);
    expect(decodeJwt(stdout)).toMatchObject({ user_id: 'fbf769fc-7131-4ad6-82f1-25537983f6b5' });
    const asked = await run('token', '--tenant', 'other', '--user', 'u', '--type', 'SYSTEM', '--roles', 'a,b');
    expect(decodeJwt(asked.stdout)).toMatchObject({
      iss: expect.stringMatching(/\/other$/),
      user_id: 'u',
      user_type: 'SYSTEM',
      realm_access: { roles: ['a', 'b'] },
    });
  });

  it('load makes a file the next data set without any settings', async () => {
    await writeFile(join(folder, 'a.ndjson'), `${episode}\n${episode}\n`);
    const { code, stdout } = await run('load', '--tenant', 'other', '--as-of', '2026-04-16T00:00:00Z', 'a.ndjson');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^a\.ndjson: 2 lines, 66 bytes, SHA-256 [0-9a-f]{64}\n.*data set of other, cut off at 2026-04-16T00:00:00Z/,
    );
  });

  it('load refuses what is no data set, and a cut-off in the future, and the data set stays', async () => {
    const described = async () => (await run('imports', '--tenant', 'other')).stdout;
    const before = await described();
    const load = async (text: string, ...args: string[]) => {
      await writeFile(join(folder, 'b.ndjson'), text);
      return run('load', '--tenant', 'other', ...args, 'b.ndjson');
    };
    expect(await load('{\n  "name": "package"\n}\n')).toMatchObject({
      code: 1,
      stderr: 'b.ndjson line 1: a line is not a JSON object.\n',
    });
    const ahead = await load(`${episode}\n`, '--as-of', '2999-01-01T00:00:00Z');
    expect(ahead).toMatchObject({ code: 2, stderr: expect.stringContaining('--as-of is in the future') });
    expect(await described()).toBe(before);
    expect(await run('load', '--tenant', 'nobody', 'a.ndjson')).toEqual({
      code: 1,
      stderr: 'There is no tenant nobody; there are demo, other.\n',
      stdout: '',
    });
  });

  it('forget says what the data set in use has replaced, and leaves it while a report may be made from it', async () => {
    const forget = (...args: string[]) => run('forget', '--tenant', 'other', ...args);
    expect((await forget()).stdout).toMatch(
      /^To be forgotten: 2 objects, 0 of them older .*cut off at 2026-04-16T00:00:00Z\.\nThis was a dry run: .*\nNot before 2/,
    );
    expect(await forget('--apply')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Nothing was forgotten: until 2\S+Z a report may still be made/),
    });
    expect((await forget()).stdout).toContain('2 objects');
  });

  it('the curl lines that it prints order a report, show its job and read it', async () => {
    const [order = '', status = '', read = ''] = printed.split('\n').filter((line) => line.startsWith('curl '));
    expect(JSON.parse((await shell(order)).stdout)).toMatchObject({ resourceType: 'Binary', meta: { versionId: '1' } });
    await expect.poll(async () => (await shell(status)).stdout, { timeout: 10_000 }).toContain('"valueString":"DONE"');
    expect((await shell(read)).code).toBe(0);
    expect((await readFile(join(folder, 'report.zip'))).subarray(0, 2).toString()).toBe('PK');
  });

  it('smoke goes through everything that a client does, and prints no token', async () => {
    const base = /base URL +(\S+)/.exec(printed)?.[1] ?? '';
    const [token, stranger] = [await run('token'), await run('token', '--tenant', 'other')];
    const tokens = ['--token', token.stdout.trim(), '--stranger', stranger.stdout.trim()];
    const { code, stdout } = await run('smoke', '--base', base, ...tokens);
    expect(stdout).toContain('Everything is as it has to be');
    expect(stdout.match(/^✓/gm)).toHaveLength(14);
    expect(code).toBe(0);
  });

  it('import begins one and calls it off, and imports tells of it and of the data set in use', async () => {
    const ofDemo = ['--tenant', 'demo'];
    expect(await run('imports', ...ofDemo)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^data set in use: cut off at 2026-.*\n\nNothing was imported for demo yet\.\n$/),
    });
    expect((await run('import', ...ofDemo)).stdout).toMatch(/^An import of demo was begun: [0-9a-f-]{36}\.\n$/);
    expect(await run('import', ...ofDemo)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was begun'),
    });
    expect((await run('import', ...ofDemo, '--cancel')).stdout).toContain('was called off');
    expect((await run('imports', ...ofDemo)).stdout).toMatch(/\n\nbegun \S+Z, ended .*\n {2}CANCELLED/);
    expect(await run('import', ...ofDemo, '--cancel')).toMatchObject({ code: 1 });
    expect(await run('import', '--tenant', 'other')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'import'"),
    });
    expect(await run('imports')).toMatchObject({ code: 2 });
    const unknown = { code: 1, stderr: 'There is no tenant nobody; there are demo, other.\n', stdout: '' };
    expect(await run('imports', '--tenant', 'nobody')).toEqual(unknown);
    expect(await run('import', '--tenant', 'nobody')).toEqual(unknown);
  });

  it('redrive shows what it would do, and does it when it is told to: a failed report is made once more', async () => {
    await writeFile(join(folder, 'bad.ndjson'), `${episode}\n`);
    await run('load', '--tenant', 'other', 'bad.ndjson');
    const order = (printed.split('\n').find((line) => line.startsWith('curl ')) ?? '').replace(/'@[^']*'/, "'@other'");
    const token = (await run('token', '--tenant', 'other')).stdout.trim();
    await writeFile(join(folder, 'other'), `Authorization: Bearer ${token}\n`);
    const { id } = JSON.parse((await shell(order)).stdout) as { id: string };
    const redrive = async (...args: string[]) => (await run('redrive', ...args)).stdout;
    const ofJob = ['--binary', `other/${id}`];
    await expect.poll(() => redrive(...ofJob), { timeout: 10_000 }).toMatch(/FAILED .* DATA_SET_MALFORMED .* reopen: /);
    expect(await redrive('--failed', '--tenant', 'other')).toMatch(
      new RegExp(`other/${id} .*\n\nTo be done: reopen 1\\. .* items were read .*\nThis was a dry run`),
    );
    expect(await redrive(...ofJob, '--apply')).toContain('reopened and queued');
    await expect.poll(() => redrive(...ofJob), { timeout: 10_000 }).toMatch(/FAILED .* DATA_SET_MALFORMED/);
    const base = order.slice(order.indexOf('http'), order.indexOf('$execute'));
    expect((await shell(`curl -sSI -H '@other' '${base}Binary/${id}/_history/3'`)).stdout).toContain('etag: W/"3"');
    expect(await redrive()).toMatch(/^To be done: nothing\.\nThis was a dry run/);
    expect(await run('redrive', '--failed', '--tenant', 'nobody')).toMatchObject({
      code: 1,
      stderr: 'There is no tenant nobody; there are demo, other.\n',
    });
  });

  it('go-back tells of the data sets that were in use, and makes an earlier one that again', async () => {
    const goBack = (...args: string[]) => run('go-back', '--tenant', 'other', ...args);
    const { stdout } = await goBack();
    const [newest = '', before = ''] = stdout.split('\n');
    expect([newest, before]).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36} {2}begun 2.*, files: 1, it is the one in use$/),
      expect.stringMatching(/^[0-9a-f-]{36} {2}begun 2.*, cut off at 2026-04-16T00:00:00Z, files: 1, stored$/),
    ]);
    const to = ['--to', before.slice(0, 36)];
    expect((await goBack(...to)).stdout).toContain('This was a dry run: nothing was changed.');
    expect((await goBack(...to, '--apply')).stdout).toContain('This is now the data set of other again.');
    expect(await goBack(...to, '--apply')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be gone back to: it is the one in use.'),
    });
    expect(await goBack('--to', 'x')).toMatchObject({ code: 1, stderr: expect.stringContaining('no data set x') });
  });

  it('tenant adds one after telling all that is wrong, switches it off and erases it', async () => {
    const tenant = (...args: string[]) => run('tenant', ...args);
    const record = JSON.parse((await tenant('show', 'other', '--record')).stdout) as Record<string, unknown>;
    const add = async (members: object, ...args: string[]) => {
      await writeFile(join(folder, 'tenant.json'), JSON.stringify({ ...record, id: 'third', ...members }));
      return tenant('add', 'tenant.json', ...args);
    };
    const refused = await add({ timezone: 'Europe/Oslo' });
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(
      /^Nothing was written.*\n {2}timezone: .* is timeZone meant\?\n {2}issuer: is that of/,
    );
    const issuer = 'https://login.reporting.test/realms/third';
    const moved = { issuer, region: 'eu-west-1', regionBaseUrl: 'https://west.example/fhir' };
    expect((await add({ ...moved, regionBaseUrl: undefined }, '--adopt')).stdout).toMatch(
      /^Tenant third was added, in eu-north-1\..*\n\nIt was of eu-west-1 /,
    );
    expect((await add(moved, '--replace', '--elsewhere')).stdout).toMatch(/^Tenant third was replaced, in eu-west-1\./);
    expect(await run('load', '--tenant', 'third', 'tenant.json')).toEqual({
      code: 1,
      stderr: 'Nothing was loaded: third is served by eu-west-1. There: --region eu-west-1\n',
      stdout: '',
    });
    expect((await tenant('erase', 'third')).stdout).toContain('of data sets (versions included); its record stays');
    expect((await tenant('disable', 'third')).stdout).toMatch(/^Tenant third is disabled\./);
    expect((await tenant('list')).stdout).toMatch(/\nthird {3}no {7}eu-west-1 \(not here\) +https:.*third {2}-\n$/);
    expect((await tenant('export', 'all.ndjson')).stdout).toMatch(/^3 records of \S+ were written to all\.ndjson\./);
    expect((await readFile(join(folder, 'all.ndjson'), 'utf8')).match(/^\{.*"revision":3.*\}$/gm)).toHaveLength(1);
    expect((await tenant('add', 'all.ndjson', '--replace')).stderr).toContain(
      '(demo, other, third); --only says which',
    );
    const adopting = ['--only', 'third', '--adopt', '--replace'];
    expect((await tenant('add', 'all.ndjson', ...adopting)).stderr).toContain('third has moved to eu-west-1');
    expect((await tenant('add', 'all.ndjson', ...adopting, '--elsewhere')).stdout).toMatch(
      /^Tenant third was replaced, in eu-west-1\./,
    );
    expect((await tenant('erase', 'third', '--apply')).stdout).toMatch(
      /^Nothing of third was left; its record was .*\n.*npm run redrive -- --discard-of third --apply\n$/,
    );
    expect((await tenant('show', 'third')).stderr).toBe('There is no tenant third; there are demo, other.\n');
    expect(await tenant('erase', 'third')).toMatchObject({
      code: 1,
      stderr: 'There is no tenant third, and nothing is stored under that id.\n',
    });
    expect((await tenant('add', 'all.ndjson', '--only', 'third', '--elsewhere')).stderr).toContain(
      'here is no tenant third. If it is to be added here: --adopt',
    );
  }, 60_000);

  it('a second one says that it runs already', async () => {
    expect(await run('start')).toMatchObject({ code: 1, stderr: expect.stringContaining('It runs already: http') });
  });

  it.each([
    ['token', ['--tenant', 'nobody'], 'There is no tenant nobody; there are demo, other.'],
    ['load', ['--tenant', 'nobody', 'package.json'], 'package.json: there is no such file'],
  ])('%s %j is told what is wrong', async (command, args, message) => {
    expect((await run(command, ...args)).stderr).toContain(message);
  });

  it('SIGTERM ends it with exit code 0 and leaves nothing behind', async () => {
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(['running.json', 'authorization'].filter((name) => existsSync(join(folder, name)))).toEqual([]);
  });
});

describe('with nothing running', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'commands-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('token and load say so', async () => {
    await writeFile(join(folder, 'a.ndjson'), '{}\n');
    expect(await run('token')).toMatchObject({ code: 1, stderr: expect.stringContaining('npm start') });
    expect(await run('load', '--tenant', 'demo', 'a.ndjson')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is running here'),
    });
  });

  it('token tells with --help what it is for, and ends well', async () => {
    const stdout = expect.stringMatching(/^Usage: npm run --silent token /);
    expect(await run('token', '--help')).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('token says so when the instance was killed', async () => {
    const { child } = await startService();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await run('token')).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${child.pid}`) });
  });

  it('of two that are started in the same moment one runs, and the other leaves its record alone', async () => {
    // As one that was killed leaves it.
    const dead = { pid: 1, issuer: { url: 'https://127.0.0.1:1', certificate: '' } };
    await writeFile(join(folder, 'running.json'), JSON.stringify(dead));
    const ended = await Promise.allSettled([startService(), startService()]);
    const running = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value.child] : []));
    const token = await run('token');
    const left = await readdir(folder);
    const exits = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill('SIGTERM');
    expect(await Promise.all(exits)).toEqual([[0, null]]);
    expect(token.code).toBe(0);
    expect(left.sort()).toEqual(['authorization', 'running.json']);
    expect(await readdir(folder)).toEqual([]);
  }, 60_000);

  it.each([
    ['start', ['--port', 'many'], '--port has to be a number'],
    ['demo', ['--nothing'], "Unknown option '--nothing'"],
    ['token', ['--user'], "'--user <value>' argument missing"],
    ['redrive', ['--binary', 'demo'], '--binary has to be <tenant>/<binary id>'],
    ['tenant', [], 'Nothing is asked for'],
    ['tenant', ['remove', 'demo'], 'There is no command remove'],
    ['tenant', ['list', '--stage', 'prod', '--table', 'x'], '--table and --stage exclude each other'],
    ['restore', ['--from', 'a', '--to', 'b'], '--from, --to and --tenants have to be named'],
    ['restore', ['--from', 'a', '--to', 'a', '--tenants', 't'], '--from and --to name the same table'],
    ['smoke', ['--token', 'x'], '--base has to be an address'],
    ['smoke', ['--base', 'http://127.0.0.1'], '--token is missing'],
    ['tenant', ['list', '--region', 'eu-north-1'], '--region goes with --stage'],
    ['forget', [], '--tenant is missing'],
    ['go-back', [], '--tenant is missing'],
    ['load', ['a.ndjson'], '--tenant is missing'],
    ['load', ['--tenant', 'Demo', 'a.ndjson'], '--tenant has to be'],
    ['load', ['--tenant', 'demo'], 'No file is named'],
    ['load', ['--tenant', 'demo', '--as-of', '2026-04-16', 'a.ndjson'], '--as-of has to be an instant'],
  ])('%s %j is a wrong call: exit code 2 and the right one', async (command, args, message) => {
    const { code, stderr } = await run(command, ...args);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: npm ');
    expect(code).toBe(2);
  });
});
