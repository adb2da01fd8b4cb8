import { S3Client } from '@aws-sdk/client-s3';
import { isTenantId, type TenantId } from '../functions/auth/tenant.ts';
import { parseInstant } from '../functions/episodes/fhir-date-time.ts';
import { isAhead } from '../functions/episodes/is-ahead.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { useEmulators } from './aws-environment.ts';
import { CommandError, readArguments, runCommand, UsageError } from './command-line.ts';
import { openFileInput } from './data-set-input.ts';
import { type DataSetStore, loadDataSet } from './load-data-set.ts';
import { findRunningInstance } from './running-instance.ts';

const usage = `npm run load -- --tenant demo [--as-of <instant>] [--bucket <name>] file.ndjson[.gz]…

Makes the files the tenant's current data set: the next report is made from them.
  --as-of   the data cut-off, such as 2026-04-16T11:44:11+02:00; now, if it is left out
  --bucket  the data bucket in AWS, or in DATA_BUCKET; region and credentials come from the
            AWS SDK's own settings. Without a bucket the instance of npm start is used.`;

const readTenant = (tenant: string | undefined): TenantId => {
  if (tenant === undefined) throw new UsageError('--tenant is missing');
  if (!isTenantId(tenant)) throw new UsageError('--tenant has to be 1 to 32 characters of a-z, 0-9 and inner -');
  return tenant;
};

const readCutOff = (asOf: string | undefined): string => {
  const now = systemClock.now();
  const text = asOf ?? new Date(now).toISOString();
  const cutOff = parseInstant(text);
  if (cutOff === undefined) {
    throw new UsageError('--as-of has to be an instant with a zone, such as 2026-04-16T11:44:11+02:00');
  }
  // Its months would be counted although they have not been.
  if (isAhead(cutOff, now)) throw new UsageError(`--as-of is in the future: here it is ${new Date(now).toISOString()}`);
  return text;
};

/** The bucket that was named, in AWS, or that of the running instance. */
const findStore = async (bucket: string | undefined, tenant: string): Promise<DataSetStore> => {
  if (bucket !== undefined && bucket !== '') return { s3: new S3Client(), bucket };
  const instance = await findRunningInstance();
  if (instance === undefined) {
    throw new CommandError('Nothing is running here (npm start), and no bucket is named (--bucket or DATA_BUCKET).');
  }
  if (!instance.tenants.includes(tenant)) {
    throw new UsageError(`There is no tenant ${tenant}; there are ${instance.tenants.join(', ')}.`);
  }
  useEmulators(instance);
  return { s3: new S3Client(), bucket: instance.dataBucket };
};

await runCommand(usage, async () => {
  const options = { tenant: { type: 'string' }, 'as-of': { type: 'string' }, bucket: { type: 'string' } } as const;
  const { values, positionals } = readArguments(options, true);
  const tenant = readTenant(values.tenant);
  const cutOff = readCutOff(values['as-of']);
  if (positionals.length === 0) throw new UsageError('No file is named');
  const files = await Promise.all(positionals.map(openFileInput));
  const store = await findStore(values.bucket ?? process.env['DATA_BUCKET'], tenant);
  const { output } = await loadDataSet(store, tenant, files, cutOff);
  for (const [index, { count, extension }] of output.entries()) {
    console.log(`${positionals[index]}: ${count} lines, ${extension.bytes} bytes, SHA-256 ${extension.sha256}`);
  }
  console.log(`This is now the data set of ${tenant}, cut off at ${cutOff}. The next report is made from it.`);
});
