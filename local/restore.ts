import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings } from '../functions/platform/client-settings.ts';
import { readArguments, runCommand, UsageError } from './command-line.ts';
import { copyMissingItems } from './copy-missing-items.ts';

const usage = `npm run restore -- --from <table> --to <table> --tenants <table> [--region <region>] [--apply]

Copies the records that a table lacks from one that was restored to a point in time; what it has is
left alone, and so are records of tenants that are not served any more: they were erased on purpose.
A dry run without --apply: the tables are read whole, and nothing is written.
  --from    the restored table, in AWS
  --to      the table of the service (outputs JobsTableName, ImportsTableName)
  --tenants its tenants table (output TenantsTableName)
  --region  where all are; credentials come from the AWS SDK's own settings`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  tenants: { type: 'string' },
  region: { type: 'string' },
  apply: { type: 'boolean', default: false },
} as const;

await runCommand(usage, async () => {
  const { from, to, tenants, region, apply } = readArguments(options).values;
  if (from === undefined || to === undefined || tenants === undefined) {
    throw new UsageError('--from, --to and --tenants have to be named');
  }
  if (from === to) throw new UsageError('--from and --to name the same table');
  // Nobody waits for an answer here: a table that throttles is asked again for longer than the service would.
  const patient = { ...clientSettings, maxAttempts: 10 };
  const dynamodb = new DynamoDBClient({ ...patient, ...(region === undefined ? {} : { region }) });
  const { found, missing, copied, leftOut } = await copyMissingItems({ dynamodb, from, to, tenants }, apply);
  console.log(`${found} records in ${from}, of which ${missing} are not in ${to}.`);
  if (leftOut.size > 0) {
    const counts = [...leftOut].map(([tenant, count]) => `${tenant} (${count})`).join(', ');
    console.log(
      `More are not, and are left out, since ${tenants} does not serve their tenants: ${counts}. They were erased, or are another region's. The record of one that was lost comes first: docs/restore-drill.md`,
    );
  }
  if (!apply) return console.log('This was a dry run: nothing was changed. --apply copies them.');
  const others = missing - copied;
  console.log(
    `Copied: ${copied}.${others === 0 ? '' : ` ${others} were written by the service in between, and left alone.`}`,
  );
});
