import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { RunningInstance } from '../../local/running-instance.ts';
import { createSelfSignedCertificate } from '../../local/self-signed-certificate.ts';

// The folder is that of the environment when the module is loaded, hence the import of each test.

let folder: string;
let server: Server;
let certificate: string;
/** What the issuer of any of the instances does when it is asked who it is: the id of its process. */
let tellPid: (path: string) => Promise<number>;

beforeAll(async () => {
  const { key, cert } = await createSelfSignedCertificate(['127.0.0.1']);
  certificate = cert;
  server = createServer({ key, cert }, async (request, response) => {
    response.end(JSON.stringify({ pid: await tellPid(request.url ?? '') }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'running-'));
  vi.stubEnv('REPORTING_LOCAL_FOLDER', folder);
  vi.resetModules();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const instance = (pid: number): RunningInstance => {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/${pid}`;
  return { pid, baseUrl: 'http://127.0.0.1/fhir', issuer: { url, certificate } } as RunningInstance;
};
const put = (one: RunningInstance) => writeFile(join(folder, 'running.json'), JSON.stringify(one));
const recorded = async () => (JSON.parse(await readFile(join(folder, 'running.json'), 'utf8')) as RunningInstance).pid;
const write = async (one: RunningInstance) =>
  (await import('../../local/running-instance.ts')).writeRunningInstance(one);
const [dead, first, second] = [1_000_001, 1_000_002, 1_000_003];

test('the record of one that is dead is replaced, and nothing else is left', async () => {
  tellPid = async () => 0;
  await put(instance(dead));
  await write(instance(first));
  expect(await recorded()).toBe(first);
  expect(await readdir(folder)).toEqual(['running.json']);
});

test('one that has replaced the dead one while that was asked keeps its record', async () => {
  tellPid = async (path) => {
    if (!path.startsWith(`/${dead}/`)) return first;
    await put(instance(first));
    return 0;
  };
  await put(instance(dead));
  await expect(write(instance(second))).rejects.toThrow(`It runs already: http://127.0.0.1/fhir (process ${first})`);
  expect(await recorded()).toBe(first);
  expect(await readdir(folder)).toEqual(['running.json']);
});

test('what is no record is replaced', async () => {
  await writeFile(join(folder, 'running.json'), '{');
  await write(instance(first));
  expect(await recorded()).toBe(first);
});
