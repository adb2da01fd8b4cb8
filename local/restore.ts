import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings } from '../functions/platform/client-settings.ts';
import { readArguments, runCommand, UsageError } from './command-line.ts';
import { copyMissingItems } from './copy-missing-items.ts';

const usage = `npm run restore -- --from <table> --to <table> [--region <region>] [--apply]

Copies the records that a table lacks from one that was restored to a point in time; what it has is
left alone. A dry run without --apply: both tables are read whole, and nothing is written.
  --from    the restored table, in AWS
  --to      the table of the service (outputs JobsTableName, ImportsTableName, TenantsTableName)
  --region  where both are; credentials come from the AWS SDK's own settings`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  region: { type: 'string' },
  apply: { type: 'boolean', default: false },
} as const;

await runCommand(usage, async () => {
  const { from, to, region, apply } = readArguments(options).values;
  if (from === undefined || to === undefined) throw new UsageError('--from and --to have to be named');
  if (from === to) throw new UsageError('--from and --to name the same table');
  // Nobody waits for an answer here: a table that throttles is asked again for longer than the service would.
  const patient = { ...clientSettings, maxAttempts: 10 };
  const dynamodb = new DynamoDBClient({ ...patient, ...(region === undefined ? {} : { region }) });
  const { found, missing, copied } = await copyMissingItems({ dynamodb, from, to }, apply);
  console.log(`${found} records in ${from}, of which ${missing} are not in ${to}.`);
  if (!apply) return console.log('This was a dry run: nothing was changed. --apply copies them.');
  const others = missing - copied;
  console.log(
    `Copied: ${copied}.${others === 0 ? '' : ` ${others} were written by the service in between, and left alone.`}`,
  );
});
