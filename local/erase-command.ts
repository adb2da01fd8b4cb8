import { S3Client } from '@aws-sdk/client-s3';
import { isTenantId, type TenantId } from '../functions/auth/tenant.ts';
import { CommandError, UsageError } from './command-line.ts';
import { eraseHoldings, findHoldings, removeRecord, type TenantHoldings, type TenantStores } from './erase-tenant.ts';
import type { RunningInstance } from './running-instance.ts';
import { readStackOutput, type Stage } from './stack-outputs.ts';
import { findOtherRegion, type TenantRecord, type TenantTable } from './tenant-records.ts';

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

/** What keeps a tenant's data from being erased, and what becomes of its record. */
type Standing = 'enabled' | 'disabled' | 'elsewhere' | 'unknown';

const readStanding = (record: TenantRecord | undefined, region: string): Standing => {
  if (record === undefined) return 'unknown';
  if (record['enabled'] === false) return 'disabled';
  return findOtherRegion(record, region) === undefined ? 'enabled' : 'elsewhere';
};

const recordSays: Readonly<Record<Exclude<Standing, 'enabled'>, string>> = {
  disabled: "then the tenant's record",
  elsewhere: 'its record stays, so that its users are sent to the region where it is',
  unknown: 'there is no record of it',
};

/** What is told when there was nothing left. @throws CommandError where the record is not gone, or there never was anything */
const finish = async (stores: TenantStores, tenant: TenantId, standing: Standing, at: Place): Promise<void> => {
  if (standing === 'unknown') {
    throw new CommandError(`There is no tenant ${tenant}, and nothing is stored under that id.`);
  }
  if (standing === 'disabled' && !(await removeRecord(stores, tenant))) {
    throw new CommandError(`Its record was left: somebody has enabled ${tenant} in between.`);
  }
  const rest = standing === 'elsewhere' ? recordSays.elsewhere : 'its record was removed too';
  console.log(`Nothing of ${tenant} was left; ${rest}. Logs, audit trail and backups: docs/data-protection.md`);
  console.log(
    `Messages of reports that were queued become dead letters within three hours: npm run redrive -- --discard-of ${tenant}${at.arguments} --apply`,
  );
};

/** Where the tenant's record stands. */
export interface Place {
  readonly region: string;
  /** ` --stage prod --region eu-north-1`, as the command was given them: for those that it tells to type. */
  readonly arguments: string;
}

/**
 * Erases what is stored for a tenant that is not served here, or says what there is to erase: for one that is disabled, whose record goes
 * last, when there was nothing else any more; for one that has moved to another region, whose record stays; and under an id that has no
 * record, since a restore brought it back or it was put there by a slip.
 *
 * @param seen its record as it stands now; undefined where there is none
 * @throws CommandError for one that is enabled and served here, and for an id under which there is nothing
 */
export const eraseTenant = async (
  stores: TenantStores,
  tenant: string,
  seen: TenantRecord | undefined,
  at: Place,
  apply: boolean,
): Promise<void> => {
  if (!isTenantId(tenant)) throw new UsageError('That is no id of a tenant');
  const standing = readStanding(seen, at.region);
  if (standing === 'enabled') {
    throw new CommandError(
      `Nothing was erased: ${tenant} is enabled. First: npm run tenant -- disable ${tenant}${at.arguments}`,
    );
  }
  const holdings = apply ? await eraseHoldings(stores, tenant) : await findHoldings(stores, tenant);
  if (isEmpty(holdings) && (apply || standing === 'unknown')) return finish(stores, tenant, standing, at);
  if (!apply) {
    console.log(`To be erased: ${describe(holdings)}; ${recordSays[standing]}.`);
    return console.log('This was a dry run: nothing was changed. --apply does it, and cannot be undone.');
  }
  const record = standing === 'disabled' ? ', and the record with it' : '';
  console.log(`Erased: ${describe(holdings)}.`);
  console.log(`Do it once more in 20 minutes: what a worker still had in hand is erased then${record}.`);
};
