import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from './command-line.ts';
import type { Endpoints } from './start-emulators.ts';

/** What `npm start` leaves in `.local/running.json`, so that the other commands find it without settings. */
export interface RunningInstance {
  readonly pid: number;
  readonly baseUrl: string;
  readonly tenants: readonly string[];
  readonly endpoints: Endpoints;
  /** Whether all services are emulators of its own. */
  readonly selfContained: boolean;
  readonly contentBucket: string;
  readonly dataBucket: string;
  readonly importsTable: string;
  readonly jobsTable: string;
  readonly tenantsTable: string;
  readonly reportQueueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** As in `TRUSTED_PRIVATE_HOSTS`. */
  readonly trustedPrivateHosts: string;
  readonly issuer: { readonly url: string; readonly certificate: string };
}

/** Where everything that this machine keeps lies: `.local/`, or the folder that `REPORTING_LOCAL_FOLDER` names. */
export const localFolder =
  process.env['REPORTING_LOCAL_FOLDER'] || fileURLToPath(new URL('../.local', import.meta.url));

const file = join(localFolder, 'running.json');

/** Asks the issuer of an instance; rejects when it does not answer. */
export const askIssuer = (
  { issuer }: Pick<RunningInstance, 'issuer'>,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const call = request(`${issuer.url}${path}`, { method, ca: issuer.certificate, timeout: 5000, agent: false });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', reject);
    call.on('response', async (response) => {
      try {
        const chunks = await response.toArray();
        const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(String(answer['error'])));
      } catch (error) {
        reject(error);
      }
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });

/** Process ids are used again, so the issuer has to say that it belongs to this one. */
const isAlive = async (instance: RunningInstance): Promise<boolean> => {
  try {
    const { pid } = await askIssuer(instance, '/instance');
    return pid === instance.pid;
  } catch {
    return false;
  }
};

const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

const parseRecord = (text: string | undefined): RunningInstance | undefined => {
  try {
    return JSON.parse(text ?? '') as RunningInstance;
  } catch {
    return undefined;
  }
};

const readRecord = async (): Promise<RunningInstance | undefined> => parseRecord(await readText(file));

/** The instance that runs now, or undefined; one that is recorded but dead counts as none. */
export const findRunningInstance = async (): Promise<RunningInstance | undefined> => {
  const instance = await readRecord();
  return instance !== undefined && (await isAlive(instance)) ? instance : undefined;
};

/**
 * The instance that runs now.
 *
 * @throws CommandError when there is none, or when the one recorded has died
 */
export const requireRunningInstance = async (): Promise<RunningInstance> => {
  const instance = await readRecord();
  if (instance === undefined)
    throw new CommandError('Nothing is running here. Start it in another terminal: npm start');
  if (await isAlive(instance)) return instance;
  throw new CommandError(
    `The instance that was started here (process ${instance.pid}) has ended without saying so. Start it again: npm start`,
  );
};

/** Whether it is there now. A link comes into being whole, or not at all where there is one. */
const putRecord = async (written: string): Promise<boolean> => {
  try {
    await link(written, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Takes the record away that was found to be of a dead instance. Another that was started in the same moment may have put its own in place
 * of it by then: that one is put back.
 */
const removeDead = async (found: string | undefined, taken: string): Promise<void> => {
  if ((await readText(file)) !== found) return;
  try {
    await rename(file, taken);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  if ((await readText(taken)) !== found) await putRecord(taken);
  await rm(taken, { force: true });
};

/** What whoever starts a second one is told. */
export const runsAlready = ({ baseUrl, pid }: RunningInstance): CommandError =>
  new CommandError(`It runs already: ${baseUrl} (process ${pid})`);

/**
 * Records that this process's instance runs, in place of one that is dead; readable to its owner alone.
 *
 * @throws CommandError when another one, begun in the same moment, was faster
 */
export const writeRunningInstance = async (instance: RunningInstance): Promise<void> => {
  await mkdir(localFolder, { recursive: true });
  const written = `${file}.${instance.pid}`;
  await writeFile(written, JSON.stringify(instance, undefined, 2), { mode: 0o600 });
  try {
    while (!(await putRecord(written))) {
      const found = await readText(file);
      const other = parseRecord(found);
      if (other !== undefined && (await isAlive(other))) throw runsAlready(other);
      await removeDead(found, `${written}.dead`);
    }
  } finally {
    await rm(written, { force: true });
  }
};

/** Takes the record of this process's instance away. @returns whether it was there: another instance's stays */
export const removeRunningInstance = async (): Promise<boolean> => {
  if ((await readRecord())?.pid !== process.pid) return false;
  await rm(file, { force: true });
  return true;
};
