import { restoreTenantId, type TenantId } from '../auth/tenant.ts';
import type { BinaryVersion } from '../binaries/binary.ts';
import {
  type BilledTime,
  isOpen,
  type Job,
  type JobFailure,
  type JobMode,
  type JobOverview,
  type JobStatus,
  type NightImport,
} from './job.ts';

/** Shards of the index of open jobs: one partition of it takes 1 000 writes a second (DynamoDB limit), so eight take 8 000. */
export const openShards: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7'];

/**
 * Shards of the same index for deleted Binaries that wait for their sweep: apart from open jobs, so that sweeps that fail for hours
 * (S3 does not answer) never stand before jobs that have to end.
 */
export const sweepShards: readonly string[] = openShards.map((shard) => `sweep-${shard}`);

/** A version as it lies in the item: times as text, so that an operator can read them. */
export interface VersionAttribute extends Omit<BinaryVersion, 'versionId' | 'lastUpdated'> {
  readonly lastUpdated: string;
}

/**
 * How long a record outlives its Binary, in milliseconds (30 days), so that its user is answered 410 for a while and not 404: the
 * item's TTL is that much later than the job's `expires`.
 */
export const tombstoneMillis = 30 * 24 * 60 * 60_000;

/** The DynamoDB item of a job. Times are ISO 8601 in UTC with milliseconds, so that they sort as text; `expires` is DynamoDB's TTL. */
export interface JobItem {
  readonly pk: string;
  readonly tenant: string;
  readonly binaryId: string;
  readonly jobId: string;
  readonly userId: string;
  readonly owner: string;
  readonly report: string;
  readonly mode: JobMode;
  readonly parameters: Job['parameters'];
  readonly status: JobStatus;
  readonly created: string;
  readonly started?: string;
  readonly ended?: string;
  readonly deadline: string;
  readonly attempts: number;
  readonly redrives: number;
  readonly leaseToken?: string;
  readonly leaseUntil?: string;
  readonly openShard?: string;
  readonly due?: string;
  readonly openTenant?: string;
  readonly pausedUntil?: string;
  readonly releaseAt?: string;
  readonly importSince?: string;
  readonly nightImport?: Omit<NightImport, 'begun'> & { readonly begun: string };
  readonly failure?: JobFailure;
  readonly billed?: BilledTime;
  readonly reopened?: string;
  readonly versions: Readonly<Record<string, VersionAttribute>>;
  readonly deletedAt?: string;
  readonly erasedAt?: string;
  readonly expires: number;
}

/** Text form of a time: ISO 8601, UTC, milliseconds. */
export const toTimeText = (millis: number): string => new Date(millis).toISOString();

/** Primary key of a job: `<tenant>#<binary id>`. A tenant id has no `#`. */
export const jobKey = (tenantId: TenantId, binaryId: string): { readonly pk: string } => ({
  pk: `${tenantId}#${binaryId}`,
});

/** Hash key of the index `byOwner`: `<tenant>#<user id>`. */
export const ownerKey = (tenantId: TenantId, userId: string): string => `${tenantId}#${userId}`;

/** Hash key of the index `openByTenant`, in which a job stands for as long as it is open: `<tenant>#<mode>`. */
export const openTenantKey = (tenantId: TenantId, mode: JobMode): string => `${tenantId}#${mode}`;

/** The shard of the index `open` that a job belongs to, by the last (random) digit of its Binary id. */
export const shardOf = (binaryId: string): string =>
  String(Number.parseInt(binaryId.slice(-1), 16) % openShards.length);

/** The sweep shard of a deleted Binary. */
export const sweepShardOf = (binaryId: string): string => `sweep-${shardOf(binaryId)}`;

/** The item's TTL, in seconds, of a job whose Binary is kept until `expires`. */
export const toExpiryAttribute = (expires: number): number => Math.ceil((expires + tombstoneMillis) / 1000);

/** A version without its number, as the item's `versions` map holds it. */
export const toVersionAttribute = ({ versionId: _key, ...version }: BinaryVersion): VersionAttribute => ({
  ...version,
  lastUpdated: toTimeText(version.lastUpdated),
});

/** The attribute that says what a report is to tell of its night's import. */
export const toNightImportAttribute = ({ outcome, begun }: NightImport): NonNullable<JobItem['nightImport']> => ({
  outcome,
  begun: toTimeText(begun),
});

/** The attributes of optional times that are there. */
const presentTimes = <Name extends string>(
  times: Readonly<Record<Name, number | undefined>>,
): { [N in Name]?: string } => {
  const present: { [N in Name]?: string } = {};
  for (const [name, millis] of Object.entries<number | undefined>(times)) {
    if (millis !== undefined) present[name as Name] = toTimeText(millis);
  }
  return present;
};

/** The whole item of a job. */
export const toJobItem = (job: Job): JobItem => {
  const {
    tenantId,
    lease,
    due,
    started,
    ended,
    pausedUntil,
    releaseAt,
    importSince,
    reopened,
    deletedAt,
    erasedAt,
    nightImport,
    versions,
    ...same
  } = job;
  return {
    ...same,
    ...jobKey(tenantId, job.binaryId),
    tenant: tenantId,
    owner: ownerKey(tenantId, job.userId),
    created: toTimeText(job.created),
    deadline: toTimeText(job.deadline),
    ...presentTimes({
      started,
      ended,
      due,
      pausedUntil,
      releaseAt,
      importSince,
      reopened,
      deletedAt,
      erasedAt,
      leaseUntil: lease?.until,
    }),
    ...(lease === undefined ? {} : { leaseToken: lease.token }),
    ...(nightImport === undefined ? {} : { nightImport: toNightImportAttribute(nightImport) }),
    ...(due === undefined ? {} : { openShard: (deletedAt === undefined ? shardOf : sweepShardOf)(job.binaryId) }),
    ...(isOpen(job) ? { openTenant: openTenantKey(tenantId, job.mode) } : {}),
    versions: Object.fromEntries(versions.map((version) => [version.versionId, toVersionAttribute(version)])),
    expires: toExpiryAttribute(job.expires),
  };
};

const readTime = (text: string): number => {
  const millis = Date.parse(text);
  if (Number.isNaN(millis)) throw new TypeError('a job item has an unreadable time');
  return millis;
};

const readVersions = (versions: JobItem['versions']): readonly BinaryVersion[] =>
  Object.entries(versions)
    .map(([versionId, version]) => ({
      ...version,
      versionId: Number(versionId),
      lastUpdated: readTime(version.lastUpdated),
    }))
    .sort((one, other) => one.versionId - other.versionId);

/**
 * The overview of a job in an item of the index by owner, which holds nothing else (`infra/resources/tables.yml`).
 *
 * @param tenantId whose index entry it is
 * @throws TypeError when the item is damaged
 */
export const fromOverviewItem = (tenantId: TenantId, item: JobItem): JobOverview => ({
  tenantId,
  binaryId: item.binaryId,
  jobId: item.jobId,
  userId: item.userId,
  report: item.report,
  mode: item.mode,
  parameters: item.parameters,
  status: item.status,
  created: readTime(item.created),
  ...(item.started === undefined ? {} : { started: readTime(item.started) }),
  ...(item.ended === undefined ? {} : { ended: readTime(item.ended) }),
  deadline: readTime(item.deadline),
  attempts: item.attempts,
  ...(item.releaseAt === undefined ? {} : { releaseAt: readTime(item.releaseAt) }),
  ...(item.failure === undefined ? {} : { failure: item.failure }),
  ...(item.billed === undefined ? {} : { billed: item.billed }),
  expires: item.expires * 1000 - tombstoneMillis,
});

/**
 * The job in an item that this service wrote. Attributes that a later version added are left alone.
 *
 * @throws TypeError when the item is damaged
 */
export const fromJobItem = (item: JobItem): Job => ({
  ...fromOverviewItem(restoreTenantId(item.tenant), item),
  redrives: item.redrives,
  ...(item.leaseToken === undefined || item.leaseUntil === undefined
    ? {}
    : { lease: { token: item.leaseToken, until: readTime(item.leaseUntil) } }),
  ...(item.due === undefined ? {} : { due: readTime(item.due) }),
  ...(item.pausedUntil === undefined ? {} : { pausedUntil: readTime(item.pausedUntil) }),
  ...(item.importSince === undefined ? {} : { importSince: readTime(item.importSince) }),
  ...(item.nightImport === undefined
    ? {}
    : { nightImport: { outcome: item.nightImport.outcome, begun: readTime(item.nightImport.begun) } }),
  ...(item.reopened === undefined ? {} : { reopened: readTime(item.reopened) }),
  versions: readVersions(item.versions),
  ...(item.deletedAt === undefined ? {} : { deletedAt: readTime(item.deletedAt) }),
  ...(item.erasedAt === undefined ? {} : { erasedAt: readTime(item.erasedAt) }),
});
