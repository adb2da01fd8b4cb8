import { S3Client } from '@aws-sdk/client-s3';
import type { TenantId } from '../functions/auth/tenant.ts';
import { parseInstant } from '../functions/episodes/fhir-date-time.ts';
import { isAhead } from '../functions/episodes/is-ahead.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { CommandError, readArguments, runCommand, UsageError } from './command-line.ts';
import { openFileInput } from './data-set-input.ts';
import { findImportTables, readTenantOption } from './find-imports.ts';
import { loadDataSet } from './load-data-set.ts';
import type { DataSetStore } from './manifest-in-use.ts';
import { readKeep } from './read-keep.ts';
import { requireServedHere } from './require-served-here.ts';
import type { StageWishes } from './stage-options.ts';

const usage = `npm run load -- --tenant demo [--as-of <instant>] [--stage prod --region <region>] file.ndjson[.gz]…

Makes the files the tenant's current data set: the next report is made from them. Files of earlier loads and imports are removed,
save those of the data set that it replaces, of loads of the last day, and of as many of the newest as the tenant's record lets be kept
(import.keep); npm run forget removes them all.
  --as-of   the data cut-off, such as 2026-04-16T11:44:11+02:00; now, if it is left out
  --stage, --region
            the stage that was deployed, such as prod, and where; credentials come from the AWS SDK's
            own settings
  --bucket  the data bucket in AWS by its name, or in DATA_BUCKET, in place of --stage; then nobody looks
            whether there is such a tenant, and whether it is served there; and none of its data
            sets is kept for import.keep
            Without stage and bucket the instance of npm start is used.`;

const options = {
  tenant: { type: 'string' },
  'as-of': { type: 'string' },
  stage: { type: 'string' },
  region: { type: 'string' },
  bucket: { type: 'string' },
} as const;

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

interface StoreWishes extends StageWishes {
  readonly bucket?: string | undefined;
}

interface LoadTarget {
  readonly store: DataSetStore;
  /** How many of the tenant's newest data sets stay. */
  readonly keep: number;
}

const inRegion = (region: string | undefined): S3Client => new S3Client(region === undefined ? {} : { region });

/** A bucket by its name does not tell whether there is such a tenant: what is loaded by a slip, no command would find again. */
const openBucket = (bucket: string, region: string | undefined, tenant: TenantId): LoadTarget => {
  console.log(`Whether ${tenant} is a tenant, and served here, is not looked at: --stage in place of the bucket does.`);
  return { store: { s3: inRegion(region), bucket }, keep: 1 };
};

/**
 * The bucket of the stage or the name that was given, in AWS, or that of the running instance.
 *
 * @throws CommandError without such a tenant, or where another region serves it
 */
const findTarget = async ({ stage, region, bucket }: StoreWishes, tenant: TenantId): Promise<LoadTarget> => {
  if (stage !== undefined && bucket !== undefined) throw new UsageError('--bucket and --stage exclude each other');
  const named = bucket ?? process.env['DATA_BUCKET'];
  if (stage === undefined && named !== undefined && named !== '') return openBucket(named, region, tenant);
  const tables = await findImportTables({ stage, region });
  const record = await requireServedHere(tables, tenant);
  return { store: { s3: inRegion(region), bucket: tables.dataBucket }, keep: readKeep(record) };
};

const tellOfEarlier = (removed: number | Error): void => {
  if (removed instanceof Error) {
    throw new CommandError(
      `It is loaded. But files of earlier loads and imports could not be looked through or removed (${removed.name}): whoever may does it with npm run forget.`,
    );
  }
  if (removed > 0) console.log(`${removed} files of earlier loads and imports were removed.`);
};

await runCommand(usage, async () => {
  const { values, positionals } = readArguments(options, true);
  const tenant = readTenantOption(values);
  const cutOff = readCutOff(values['as-of']);
  if (positionals.length === 0) throw new UsageError('No file is named');
  const files = await Promise.all(positionals.map(openFileInput));
  const { store, keep } = await findTarget(values, tenant);
  const { output, removed } = await loadDataSet(store, tenant, files, cutOff, keep);
  for (const [index, { count, extension }] of output.entries()) {
    console.log(`${positionals[index]}: ${count} lines, ${extension.bytes} bytes, SHA-256 ${extension.sha256}`);
  }
  console.log(`This is now the data set of ${tenant}, cut off at ${cutOff}. The next report is made from it.`);
  tellOfEarlier(removed);
});
