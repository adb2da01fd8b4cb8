import { S3Client } from '@aws-sdk/client-s3';
import { createDynamoDbImportStore } from '../functions/imports/dynamodb-import-store.ts';
import { clientSettings } from '../functions/platform/client-settings.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { readArguments, runCommand } from './command-line.ts';
import { findImportTables, importOptions, readTenantOption } from './find-imports.ts';
import { type Forgettable, forget, lookForForgettable } from './forget-data-sets.ts';

const usage = `npm run forget -- --tenant <tenant> [--stage prod --region <region>] [--apply]

Deletes for good what the tenant's data set in use has replaced: files that were loaded or imported before it, those that
imports keep included, every older version and every delete marker. A dry run without --apply, which cannot be undone.
A quarter of an hour after the data set in use was loaded or imported at the earliest, when no report is made from another any more.
  --stage, --region
           the stage that was deployed, such as prod, and where; credentials come from the AWS SDK's
           own settings. Without, the instance of npm start is used`;

const { tenant, stage, region } = importOptions;
const options = { tenant, stage, region, apply: { type: 'boolean', default: false } } as const;

const describe = ({ objects, left, inUse }: Forgettable): string => {
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  const older = objects.filter(({ kind }) => kind !== 'current').length;
  const rest = left === 0 ? '' : ` ${left} more are left for a day: a load that is under way may have stored them.`;
  const since = new Date(inUse.written).toISOString();
  return `${objects.length} objects, ${older} of them older versions and delete markers, ${bytes} bytes; all but the data set in use since ${since}, cut off at ${inUse.transactionTime}.${rest}`;
};

await runCommand(usage, async () => {
  const { values } = readArguments(options);
  const tenantId = readTenantOption(values);
  const tables = await findImportTables(values);
  const { documents, importsTable, dataBucket } = tables;
  const latest = await createDynamoDbImportStore(documents, importsTable, randomIds).read(tenantId);
  const s3 = new S3Client({ ...clientSettings, ...(tables.region === undefined ? {} : { region: tables.region }) });
  const store = { s3, bucket: dataBucket };
  const found = await lookForForgettable(store, tenantId, latest, systemClock.now());
  if (!values.apply) {
    console.log(`To be forgotten: ${describe(found)}`);
    if (found.objects.length === 0) return;
    console.log('This was a dry run: nothing was changed. --apply does it, and cannot be undone.');
    if (systemClock.now() < found.from) console.log(`Not before ${new Date(found.from).toISOString()}.`);
    return;
  }
  if (found.objects.length > 0) await forget(store, found, systemClock.now());
  console.log(`Forgotten: ${describe(found)}`);
});
