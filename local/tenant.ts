import { readFile, rename, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { trustedPrivateHostsSetting } from '../functions/auth/trusted-private-hosts.ts';
import { clientSettings, documentSettings } from '../functions/platform/client-settings.ts';
import { useEmulators } from './aws-environment.ts';
import { checkTenantRecord } from './check-tenant-record.ts';
import { CommandError, readArguments, runCommand, UsageError } from './command-line.ts';
import { describeTenant, describeTenants, type TenantReader } from './describe-tenant.ts';
import { findTenantRecord, requireTenant } from './require-tenant.ts';
import { requireRunningInstance } from './running-instance.ts';
import { requireStageForRegion, stageArguments } from './stage-options.ts';
import { adoptRecord, describeOtherRegion, pickRecord, writeExport } from './tenant-export.ts';
import {
  readTenantRecords,
  revisionMember,
  switchTenant,
  type TenantRecord,
  type TenantTable,
  writeTenantRecord,
} from './tenant-records.ts';

const usage = `npm run tenant -- list
       npm run tenant -- show <tenant> [--record]
       npm run tenant -- export <file | ->
       npm run tenant -- add <file | -> [--only <tenant>] [--adopt] [--replace] [--elsewhere]
       npm run tenant -- disable <tenant>
       npm run tenant -- enable <tenant>
       npm run tenant -- erase <tenant> [--apply]

  export       all records, one line of JSON each (- is stdout): the copy to keep outside of the region.
               The file is replaced only when all of them were read
  add          writes the record in the file (- is stdin), after all that is wrong with it was told at once
  --only       which record, where the file is an export
  --adopt      the record is of another table, such as another region's: it is to be of this region, and
               its revision there does not count. With --elsewhere it keeps the region that it names
  --replace    in place of the record that the tenant has; else an existing one is left alone
  --elsewhere  the record may name another region than the table's: the tenant has moved there
  erase        everything that is stored for a tenant that is disabled, and its record; or that has moved
               elsewhere, whose record stays; or that has no record. A dry run without --apply
  --record     prints the record itself, to be changed and added again with --replace

  --stage, --region
               the stage that was deployed, such as prod, and where; credentials come from the AWS
               SDK's own settings
  --table      the tenants table in AWS by its name (output TenantsTableName), in place of --stage
  --trusted-hosts
               hosts of a private network that a record's jwksUri may name, as in TRUSTED_PRIVATE_HOSTS
               Without stage and table the instance of npm start is used.`;

const options = {
  only: { type: 'string' },
  adopt: { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
  elsewhere: { type: 'boolean', default: false },
  record: { type: 'boolean', default: false },
  apply: { type: 'boolean', default: false },
  stage: { type: 'string' },
  region: { type: 'string' },
  table: { type: 'string' },
  'trusted-hosts': { type: 'string' },
} as const;

const readCall = () => readArguments(options, true);
type Wishes = ReturnType<typeof readCall>['values'];

interface Connection extends TenantTable, TenantReader {}

const connect = async (name: string, hosts: string, region: string | undefined): Promise<Connection> => {
  const trusted = v.safeParse(trustedPrivateHostsSetting, hosts);
  if (!trusted.success) throw new UsageError(`--trusted-hosts ${trusted.issues[0].message}`);
  const client = new DynamoDBClient({ ...clientSettings, ...(region === undefined ? {} : { region }) });
  const documents = DynamoDBDocumentClient.from(client, documentSettings);
  return { documents, name, trusted: trusted.output, region: await client.config.region() };
};

/** The table in AWS that was named, or that of the running instance. */
const findTable = async ({ table, stage, region, 'trusted-hosts': hosts = '' }: Wishes): Promise<Connection> => {
  if (table !== undefined && stage !== undefined) throw new UsageError('--table and --stage exclude each other');
  if (table !== undefined) return connect(table, hosts, region);
  if (stage !== undefined) {
    // Loaded only where it is needed: it would slow every call down.
    const { readStackOutput } = await import('./stack-outputs.ts');
    return connect(await readStackOutput({ stage, region }, 'TenantsTableName'), hosts, region);
  }
  requireStageForRegion({ stage, region });
  const instance = await requireRunningInstance();
  useEmulators(instance);
  return connect(instance.tenantsTable, instance.trustedPrivateHosts, undefined);
};

const readInput = async (file: string | undefined): Promise<string> => {
  if (file === undefined) throw new UsageError('No file is named');
  if (file === '-') return text(process.stdin);
  return readFile(file, 'utf8').catch(() => {
    throw new CommandError(`${file}: cannot be read`);
  });
};

/** The place as this call was given it, to stand in a command that it tells to type. */
const placeArguments = ({ table, ...wishes }: Wishes): string =>
  table === undefined
    ? stageArguments(wishes)
    : ` --table ${table}${wishes.region === undefined ? '' : ` --region ${wishes.region}`}`;

const soon = 'Services know it within a minute (TENANT_CACHE_SECONDS).';

const add = async (table: Connection, file: string | undefined, wishes: Wishes): Promise<void> => {
  const { only, adopt, replace, elsewhere } = wishes;
  const read = pickRecord(await readInput(file), file === '-' ? 'stdin' : String(file), only);
  const record = { region: table.region, ...(adopt ? adoptRecord(read, table.region, elsewhere) : read) };
  const others = await readTenantRecords(table);
  const problems = checkTenantRecord(record, { ...table, others, mayBeElsewhere: elsewhere });
  if (problems.length > 0) {
    throw new CommandError(['Nothing was written. In the record:', ...problems.map((one) => `  ${one}`)].join('\n'));
  }
  const { id, [revisionMember]: editedRevision } = record as TenantRecord;
  const seen = others.find((other) => other['id'] === id);
  if (seen !== undefined && !replace) {
    throw new CommandError(
      `Nothing was written: there is a tenant ${id} already. --replace puts this record in its place.`,
    );
  }
  if (editedRevision !== undefined && seen === undefined) {
    throw new CommandError(
      `Nothing was written: this record was read from a table, and here is no tenant ${id}. If it is to be added here: --adopt`,
    );
  }
  const changed = `Nothing was written: the record of ${id} was changed in between. Look at it again: npm run tenant -- show ${id} --record${placeArguments(wishes)}`;
  if (editedRevision !== undefined && editedRevision !== seen?.[revisionMember]) throw new CommandError(changed);
  if ((await writeTenantRecord(table, record, seen)) === 'conflict') throw new CommandError(changed);
  console.log(`Tenant ${id} was ${seen === undefined ? 'added' : 'replaced'}, in ${record.region}. ${soon}\n`);
  if (adopt && !elsewhere) process.stdout.write(describeOtherRegion(read, table.region));
  console.log(describeTenant(record, table));
};

const find = async (table: Connection, id: string | undefined): Promise<TenantRecord> => {
  if (id === undefined) throw new UsageError('No tenant is named');
  return requireTenant(table, id);
};

const switchTo = async (table: Connection, id: string | undefined, enabled: boolean): Promise<void> => {
  const word = enabled ? 'enabled' : 'disabled';
  if (id !== undefined && (await switchTenant(table, id, enabled)) === 'written') {
    const effect = enabled
      ? ''
      : ' From then on its tokens are answered 401; jobs that wait still end, nothing is erased.';
    return console.log(`Tenant ${id} is ${word}. ${soon}${effect}`);
  }
  await find(table, id);
  console.log(`Tenant ${id} was ${word} already.`);
};

const show = async (table: Connection, id: string | undefined, { record: asRecord }: Wishes): Promise<void> => {
  const record = await find(table, id);
  console.log(asRecord ? JSON.stringify(record, undefined, 2) : describeTenant(record, table));
};

/** Loaded only where it is needed: S3's client would slow every call down. */
const erase = async (table: Connection, id: string | undefined, wishes: Wishes): Promise<void> => {
  if (id === undefined) throw new UsageError('No tenant is named');
  const { stage, region, table: named, apply } = wishes;
  if (named !== undefined) throw new UsageError('erase needs --stage: the table alone does not say where the rest is');
  const { eraseTenant, findInstanceStores, findStageStores } = await import('./erase-command.ts');
  const stores =
    stage === undefined
      ? findInstanceStores(table, await requireRunningInstance())
      : await findStageStores(table, { stage, region });
  const record = await findTenantRecord(table, id);
  const at = { ...table, arguments: stageArguments(wishes) };
  await eraseTenant(stores, id, record, at, apply);
};

/** A copy of before stays what it is until there is a new one, and is not replaced by none. */
const exportRecords = async (table: Connection, file: string | undefined): Promise<void> => {
  if (file === undefined) throw new UsageError('No file is named');
  const records = await readTenantRecords(table);
  if (records.length === 0) throw new CommandError('Nothing was written: there is no tenant yet.');
  if (file === '-') {
    process.stdout.write(writeExport(records));
    return;
  }
  await writeFile(`${file}.new`, writeExport(records));
  await rename(`${file}.new`, file);
  console.log(`${records.length} records of ${table.region} were written to ${file}. Keep it outside of the region.`);
};

const list = async (table: Connection, _subject: string | undefined, wishes: Wishes): Promise<void> => {
  const records = await readTenantRecords(table);
  const none = `There is no tenant yet: npm run tenant -- add <file>${placeArguments(wishes)}`;
  console.log(records.length === 0 ? none : describeTenants(records, table));
};

const actions: Readonly<
  Record<string, (table: Connection, subject: string | undefined, wishes: Wishes) => Promise<void>>
> = {
  list,
  show,
  export: exportRecords,
  add,
  enable: (table, id) => switchTo(table, id, true),
  disable: (table, id) => switchTo(table, id, false),
  erase,
};

await runCommand(usage, async () => {
  const { values, positionals } = readCall();
  const [name = '', subject, ...more] = positionals;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) throw new UsageError(name === '' ? 'Nothing is asked for' : `There is no command ${name}`);
  if (more.length > 0) throw new UsageError('Only one can be named');
  await action(await findTable(values), subject, values);
});
