import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoDbJobStore } from '../functions/jobs/dynamodb-job-store.ts';
import { createSqsJobQueue } from '../functions/jobs/sqs-job-queue.ts';
import { clientSettings, documentSettings } from '../functions/platform/client-settings.ts';
import { readArguments, runCommand } from './command-line.ts';
import { findFailedJobs } from './find-failed-jobs.ts';
import { deadLetterHeadings, redriveDeadLetters } from './redrive-dead-letters.ts';
import { type RedriveOrder, readRedriveOrder, redriveOptions } from './redrive-order.ts';
import { findRedriveResources, type RedriveResources } from './redrive-resources.ts';
import { formatRows, type RedriveRow, summarise } from './redrive-row.ts';
import { failedJobHeadings, reopenJob } from './reopen-jobs.ts';
import { requireTenant } from './require-tenant.ts';

const usage = `npm run redrive [-- --apply] [--discard <message id>]… [--discard-of <tenant>]
       npm run redrive -- --binary <tenant>/<binary id>… [--within <minutes>] [--apply]
       npm run redrive -- --failed [--tenant T] [--since <instant>] [--code C] [--within <minutes>] [--apply]

Lists the dead letters, or failed jobs, and what would be done with each; --apply does it.
  --discard  deletes this dead letter, whatever it holds; the others are dealt with as ever
  --discard-of
             deletes those of this tenant whose jobs are not in the table: erased, with their records
  --binary   has this failed job done once more
  --failed   all failed jobs that fit: reads the whole table, half a read unit for each 4 kB
  --within   minutes from now to the new deadline, 10 at least; 15, if it is left out
  --most     no more than these are looked at; 1000, if it is left out
  --stage, --region
             the stage that was deployed, such as prod, and where; credentials come from the AWS
             SDK's own settings
  --table, --queue, --dead-letters
             name and URLs in AWS, all three, in place of --stage, as after a restore
             Without any of them the instance of npm start is used.`;

const report = (headings: readonly string[], rows: readonly RedriveRow[], apply: boolean, note = ''): void => {
  if (rows.length > 0) console.log(`${formatRows(headings, rows)}\n`);
  console.log(`${apply ? 'Done' : 'To be done'}: ${summarise(rows)}.${note}`);
  if (!apply) console.log('This was a dry run: nothing was changed. --apply does it.');
  if (rows.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
};

const connect = ({ jobsTable, reportQueueUrl, region }: RedriveResources) => {
  const settings = { ...clientSettings, ...(region === undefined ? {} : { region }) };
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings), documentSettings);
  const sqs = new SQSClient(settings);
  const jobs = createDynamoDbJobStore(documents, jobsTable);
  return { documents, sqs, jobs, queue: createSqsJobQueue(sqs, reportQueueUrl), now: () => Date.now() };
};

type Connection = ReturnType<typeof connect>;

const reopenJobs = async (
  connection: Connection,
  { jobsTable, tenantsTable }: RedriveResources,
  order: RedriveOrder,
) => {
  const { documents } = connection;
  const { tenantId } = order.filter;
  if (tenantId !== undefined && tenantsTable !== undefined)
    await requireTenant({ documents, name: tenantsTable }, tenantId);
  const found = order.failed ? await findFailedJobs(documents, jobsTable, order.filter) : undefined;
  const rows: RedriveRow[] = [];
  for (const job of found?.jobs ?? order.binaries) rows.push(await reopenJob(connection, job, order));
  for (const key of found?.unreadable ?? []) {
    rows.push({ what: [key, '-', '-', '-', '-'], outcome: 'failed', why: 'its item cannot be read' });
  }
  const cost = found && ` ${found.examined} items were read for it, ${found.readUnits} read units.`;
  const rest = found?.isPartial ? ' There may be more: --most ended it.' : '';
  report(failedJobHeadings, rows, order.apply, `${cost ?? ''}${rest}`);
};

await runCommand(usage, async () => {
  const { values } = readArguments(redriveOptions);
  const order = readRedriveOrder(values);
  const resources = await findRedriveResources(values);
  const connection = connect(resources);
  if (order.isAboutJobs) return reopenJobs(connection, resources, order);
  const { deadLetterQueueUrl } = resources;
  const rows = await redriveDeadLetters({ ...connection, deadLetterQueueUrl }, order);
  const rest = rows.length >= order.most ? ' There may be more: --most ended it.' : '';
  const looking = rows.length === 0 ? '' : ' Looking hid them for a moment and counts as a delivery.';
  report(deadLetterHeadings, rows, order.apply, `${looking}${rest}`);
});
