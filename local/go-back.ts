import { S3Client } from '@aws-sdk/client-s3';
import { parseInstant } from '../functions/episodes/fhir-date-time.ts';
import { readCurrentDataSet } from '../functions/imports/stored-manifest.ts';
import { clientSettings } from '../functions/platform/client-settings.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { timeOfSortableUuid } from '../functions/platform/ids.ts';
import { CommandError, readArguments, runCommand } from './command-line.ts';
import { type EarlierDataSet, findEarlierDataSets } from './find-earlier-data-sets.ts';
import { findImportTables, importOptions, readTenantOption } from './find-imports.ts';
import { findObstacle, goBack } from './go-back-data-set.ts';
import { requireTenant } from './require-tenant.ts';

const usage = `npm run go-back -- --tenant <tenant> [--to <id>] [--stage prod --region <region>] [--apply]

Makes an earlier data set the one in use again, after a wrong load or import; also one whose files were removed since then, while the
bucket keeps their versions. Without --to it tells which there are. A dry run without --apply.
  --to     the id of its load or import
  --stage, --region
           the stage that was deployed, such as prod, and where; credentials come from the AWS SDK's
           own settings. Without, the instance of npm start is used`;

const { tenant, stage, region } = importOptions;
const options = { tenant, stage, region, to: { type: 'string' }, apply: { type: 'boolean', default: false } } as const;

const describe = (earlier: EarlierDataSet, now: number): string => {
  const { id, manifest, names, markers } = earlier;
  const made = new Date(timeOfSortableUuid(id) ?? 0).toISOString().slice(0, 19);
  const { transactionTime = '' } = readCurrentDataSet(manifest);
  const cutOff = parseInstant(transactionTime) === undefined ? 'no cut-off' : `cut off at ${transactionTime}`;
  const state = findObstacle(earlier, now) ?? (markers.length === 0 ? 'stored' : 'removed, and can be had again');
  return `${id}  begun ${made}Z, ${cutOff}, files: ${names.length}, ${state}`;
};

await runCommand(usage, async () => {
  const { values } = readArguments(options);
  const tenantId = readTenantOption(values);
  const { documents, tenantsTable, dataBucket, region: own } = await findImportTables(values);
  await requireTenant({ documents, name: tenantsTable }, tenantId);
  const s3 = new S3Client({ ...clientSettings, ...(own === undefined ? {} : { region: own }) });
  const store = { s3, bucket: dataBucket };
  const find = () => findEarlierDataSets(store, tenantId);
  const [found, now] = [await find(), systemClock.now()];
  if (values.to === undefined) {
    console.log(
      found.map((one) => describe(one, now)).join('\n') || `${tenantId} has none that was loaded or imported.`,
    );
    return;
  }
  const earlier = found.find(({ id }) => id === values.to);
  if (earlier === undefined) {
    throw new CommandError(
      `There is no data set ${values.to} of ${tenantId}. Without --to it is told which there are.`,
    );
  }
  console.log(describe(earlier, now));
  if (!values.apply) return console.log('This was a dry run: nothing was changed. --apply makes it the one in use.');
  await goBack(store, tenantId, earlier, now);
  const after = (await find()).find(({ id }) => id === earlier.id);
  if (after === undefined || after.gone !== undefined || after.markers.length > 0) {
    throw new CommandError('Files of it were removed in the same moment. Do it once more.');
  }
  console.log(`This is now the data set of ${tenantId} again. The next report is made from it.`);
});
