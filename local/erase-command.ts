import { S3Client } from '@aws-sdk/client-s3';
import { isTenantId } from '../functions/auth/tenant.ts';
import { CommandError, UsageError } from './command-line.ts';
import { eraseHoldings, findHoldings, removeRecord, type TenantHoldings, type TenantStores } from './erase-tenant.ts';
import type { RunningInstance } from './running-instance.ts';
import { readStackOutput, type Stage } from './stack-outputs.ts';
import type { TenantTable } from './tenant-records.ts';

const outputs = {
  jobsTable: 'JobsTableName',
  importsTable: 'ImportsTableName',
  contentBucket: 'ContentBucketName',
  dataBucket: 'DataBucketName',
} as const;

/** The stores of a deployed stage, by the outputs of its stack. */
export const findStageStores = async ({ documents, name }: TenantTable, stage: Stage): Promise<TenantStores> => {
  const named = await Promise.all(
    Object.entries(outputs).map(async ([member, output]) => [member, await readStackOutput(stage, output)] as const),
  );
  const s3 = new S3Client(stage.region === undefined ? {} : { region: stage.region });
  const stores = Object.fromEntries(named) as Record<keyof typeof outputs, string>;
  return { documents, s3, tenantsTable: name, ...stores };
};

/** The stores of the running instance. */
export const findInstanceStores = ({ documents, name }: TenantTable, instance: RunningInstance): TenantStores => {
  const { jobsTable, importsTable, contentBucket, dataBucket } = instance;
  return { documents, s3: new S3Client(), tenantsTable: name, jobsTable, importsTable, contentBucket, dataBucket };
};

const describe = ({ jobItems, imports, contentObjects, dataObjects }: TenantHoldings): string =>
  `${jobItems} items of jobs, ${imports} of imports, ${contentObjects} objects of reports, ${dataObjects} of data sets (versions included)`;

const isEmpty = (holdings: TenantHoldings): boolean => Object.values(holdings).every((count) => count === 0);

/**
 * Erases a tenant that is disabled, or says what there is to erase. The record goes last, when there was nothing else any more.
 *
 * @param enabled whether its record says so
 */
export const eraseTenant = async (
  stores: TenantStores,
  tenant: string,
  enabled: boolean,
  apply: boolean,
): Promise<void> => {
  if (!isTenantId(tenant)) throw new UsageError('That is no id of a tenant');
  if (enabled) {
    throw new CommandError(`Nothing was erased: ${tenant} is enabled. First: npm run tenant -- disable ${tenant}`);
  }
  if (!apply) {
    console.log(`To be erased: ${describe(await findHoldings(stores, tenant))}; then the tenant's record.`);
    console.log('This was a dry run: nothing was changed. --apply does it, and cannot be undone.');
    return;
  }
  const erased = await eraseHoldings(stores, tenant);
  if (!isEmpty(erased)) {
    console.log(`Erased: ${describe(erased)}.`);
    console.log(
      'Do it once more in 20 minutes: what a worker still had in hand is erased then, and the record with it.',
    );
  } else if (await removeRecord(stores, tenant)) {
    console.log(
      `Nothing of ${tenant} was left; its record was removed too. Logs, audit trail and backups: docs/data-protection.md`,
    );
    console.log(
      `Messages of reports that were queued become dead letters within three hours: npm run redrive -- --discard-of ${tenant}`,
    );
  } else throw new CommandError(`Its record was left: somebody has enabled ${tenant} in between.`);
};
