import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLineFile } from './audit-file.ts';
import { CommandError, readArguments, runCommand, UsageError } from './command-line.ts';
import {
  findRunningInstance,
  localFolder,
  removeRunningInstance,
  runsAlready,
  writeRunningInstance,
} from './running-instance.ts';
import { sampleTenants } from './sample-tenants.ts';
import { type Embedded, startEmbedded } from './start-embedded.ts';

const defaultPort = 8484;
const tokenHours = 12;

const usage = `npm start [-- --port N --keep]

Starts the whole service on this machine until it is interrupted.
  --port N  where it listens; ${defaultPort}, if it is left out; 0 for a free one
  --keep    keeps tables, objects, messages and the issuer's keys in .local/`;

/** curl reads headers from it, so that the lines below stay short. */
const headerFile = join(localFolder, 'authorization');

const readPort = (text: string | undefined): number => {
  if (text === undefined) return defaultPort;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError('--port has to be a number from 0 to 65535');
  return port;
};

const start = async (port: number, keep: boolean): Promise<Embedded> => {
  const running = await findRunningInstance();
  if (running !== undefined) throw runsAlready(running);
  try {
    const writeAudit = createLineFile(localFolder);
    return await startEmbedded({ port, writeAudit, ...(keep ? { stateFolder: join(localFolder, 'state') } : {}) });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      // Perhaps by one that was started in the same moment.
      const other = await findRunningInstance();
      if (other !== undefined) throw runsAlready(other);
      throw new CommandError(`Port ${port} is taken. Name another one: npm start -- --port ${port + 1}`);
    }
    throw error;
  }
};

/** What a stranger needs to try it out. The curl lines work from any folder. */
const describe = ({ baseUrl, tenants }: Embedded, keep: boolean, token: string): string => {
  const authorization = `-H '@${headerFile}'`;
  const order = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';
  const status = `curl -sS ${authorization} '${baseUrl}/$get-report-job-status'`;
  const samples = tenants.map((tenant) => `${tenant} (${sampleTenants[tenant]?.episodes} invented episodes)`);
  return `The reporting service is running on this machine. Ctrl-C ends it.

  base URL   ${baseUrl}
  tenants    ${samples.join(', ')}
  state      ${keep ? 'kept in .local/' : 'in memory; kept in .local/ with npm start -- --keep'}

A token of tenant demo, valid for ${tokenHours} hours (another one: npm run --silent token):

${token}

Order a report:

curl -sS ${authorization} -H 'Content-Type: application/fhir+json' -d '${order}' '${baseUrl}/$execute-patient-usage-stats'

See how it gets on:

${status}

Read it, a second later (unzip -p report.zip shows what is inside):

curl -sS ${authorization} -o report.zip "$(${status} | grep -o 'http[^"]*/Binary/[^"]*' | head -n 1)"

Who asked for what is written to .local/audit.ndjson. What follows is the log of its functions.
`;
};

const announce = async (embedded: Embedded, keep: boolean): Promise<void> => {
  const { baseUrl, tenants, endpoints, selfContained, issuer, resources, functions } = embedded;
  const { url, certificate } = issuer;
  const { contentBucket, dataBucket, jobsTable, tenantsTable, importsTable, reportQueueUrl, deadLetterQueueUrl } =
    resources;
  const record = {
    pid: process.pid,
    baseUrl,
    tenants,
    endpoints,
    selfContained,
    contentBucket,
    dataBucket,
    importsTable,
    jobsTable,
    tenantsTable,
    reportQueueUrl,
    deadLetterQueueUrl,
    trustedPrivateHosts: functions.environment.api['TRUSTED_PRIVATE_HOSTS'] ?? '',
    issuer: { url, certificate },
  };
  await writeRunningInstance(record);
  const token = await issuer.sign('demo', { lifetimeSeconds: tokenHours * 3600 });
  await writeFile(headerFile, `Authorization: Bearer ${token}\n`, { mode: 0o600 });
  console.log(describe(embedded, keep, token));
};

const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });

await runCommand(usage, async () => {
  const { values } = readArguments({ port: { type: 'string' }, keep: { type: 'boolean', default: false } });
  const interrupted = untilInterrupted();
  const embedded = await start(readPort(values.port), values.keep);
  try {
    await announce(embedded, values.keep);
    await interrupted;
  } finally {
    if (await removeRunningInstance()) await rm(headerFile, { force: true });
    await embedded.stop();
  }
});
