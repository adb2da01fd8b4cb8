import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '../auth/tenant.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import { ServiceError } from '../platform/service-error.ts';
import { admitInTable } from './dynamodb-order-tally.ts';
import { findInTable, reserveInTable } from './dynamodb-reservations.ts';
import type { Job } from './job.ts';
import { fromJobItem, type JobItem, jobKey } from './job-item.ts';
import {
  claimRequest,
  completeRequest,
  failRequest,
  type JobUpdate,
  markErasedRequest,
  placeRequest,
  postponeRequest,
  redriveRequest,
  releaseRequest,
  relinquishRequest,
  removeRequest,
  renewRequest,
  reopenRequest,
} from './job-requests.ts';
import type { JobStore, Transition } from './job-store.ts';

const explain = (error: unknown): ServiceError =>
  error instanceof ServiceError ? error : toDependencyError('job-store', error);

/** Runs a request that knows no conditions. */
const ask = async <Answer>(request: Promise<Answer>): Promise<Answer> => {
  try {
    return await request;
  } catch (error) {
    throw explain(error);
  }
};

/**
 * The jobs in a DynamoDB table: key `pk`, indexes `byOwner` (`owner`, `created`) and, sparse, `open` (`openShard`, `due`) and
 * `openByTenant` (`openTenant`, `created`).
 */
export const createDynamoDbJobStore = (client: DynamoDBDocumentClient, tableName: string): JobStore => {
  const read = async (tenantId: TenantId, binaryId: string): Promise<Job | undefined> => {
    const { Item } = await ask(
      client.send(new GetCommand({ TableName: tableName, Key: jobKey(tenantId, binaryId), ConsistentRead: true })),
    );
    return Item === undefined ? undefined : fromJobItem(Item as unknown as JobItem);
  };

  /**
   * Sends one conditional write. The SDK repeats a write whose answer was lost, and the repeat then fails on what the first one
   * wrote: so a failed condition asks who wrote.
   */
  const transition = async (
    key: { readonly tenantId: TenantId; readonly binaryId: string },
    write: () => Promise<Job>,
    isMine: (job: Job) => boolean,
  ): Promise<Transition> => {
    try {
      return { outcome: 'applied', job: await write() };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw explain(error);
      const job = await read(key.tenantId, key.binaryId);
      return job !== undefined && isMine(job) ? { outcome: 'applied', job } : { outcome: 'conflict', job };
    }
  };

  const update = async (request: JobUpdate): Promise<Job> => {
    const { Attributes } = await client.send(
      new UpdateCommand({ ...request, TableName: tableName, ReturnValues: 'ALL_NEW' }),
    );
    return fromJobItem(Attributes as unknown as JobItem);
  };

  const holds = (token: string) => (job: Job) => job.status === 'RUNNING' && job.lease?.token === token;

  return {
    read,

    reserve: (tenantId, wanted) => ask(reserveInTable(client, tableName, tenantId, wanted)),

    findReservation: (tenantId, key, now) => ask(findInTable(client, tableName, tenantId, key, now)),

    admit: (tenantId, admission) => ask(admitInTable(client, tableName, tenantId, admission)),

    place: (tenantId, job) =>
      transition(
        { tenantId, binaryId: job.binaryId },
        async () => {
          await client.send(new PutCommand({ ...placeRequest({ ...job, tenantId }), TableName: tableName }));
          return job;
        },
        (there) => there.jobId === job.jobId,
      ),

    claim: (tenantId, binaryId, claim) =>
      transition(
        { tenantId, binaryId },
        () => update(claimRequest(tenantId, binaryId, claim)),
        holds(claim.lease.token),
      ),

    renew: (tenantId, binaryId, renewal) =>
      transition(
        { tenantId, binaryId },
        () => update(renewRequest(tenantId, binaryId, renewal)),
        holds(renewal.lease.token),
      ),

    complete: (tenantId, binaryId, token, ending) =>
      transition(
        { tenantId, binaryId },
        () => update(completeRequest(tenantId, binaryId, token, ending)),
        (job) => job.status === 'DONE' && job.versions.some((version) => version.writer === token),
      ),

    fail: (tenantId, binaryId, guard, ending) =>
      transition(
        { tenantId, binaryId },
        () => update(failRequest(tenantId, binaryId, guard, ending)),
        (job) => job.status === 'FAILED' && job.versions.some((version) => version.writer === ending.version.writer),
      ),

    remove: (tenantId, seen, removal) =>
      transition(
        { tenantId, binaryId: seen.binaryId },
        () => update(removeRequest(tenantId, seen, removal)),
        (job) => job.deletedAt === removal.deletedAt,
      ),

    markErased: (tenantId, binaryId, erasure) =>
      transition(
        { tenantId, binaryId },
        () => update(markErasedRequest(tenantId, binaryId, erasure)),
        (job) => job.erasedAt !== undefined,
      ),

    relinquish: (tenantId, binaryId, token, release) =>
      transition(
        { tenantId, binaryId },
        () => update(relinquishRequest(tenantId, binaryId, token, release)),
        (job) => job.status === 'QUEUED' && job.due === release.due && job.attempts === release.attempts,
      ),

    postpone: (tenantId, seen, releaseAt) =>
      transition(
        { tenantId, binaryId: seen.binaryId },
        () => update(postponeRequest(tenantId, seen, releaseAt)),
        (job) => job.status === 'QUEUED' && job.releaseAt === releaseAt,
      ),

    release: (tenantId, seen, due, nightImport) =>
      transition(
        { tenantId, binaryId: seen.binaryId },
        () => update(releaseRequest(tenantId, seen, due, nightImport)),
        (job) =>
          job.status === 'QUEUED' && job.releaseAt === undefined && job.redrives === seen.redrives && job.due === due,
      ),

    redrive: (tenantId, seen, due) =>
      transition(
        { tenantId, binaryId: seen.binaryId },
        () => update(redriveRequest(tenantId, seen, due)),
        (job) => job.status === 'QUEUED' && job.due === due && job.redrives === seen.redrives + 1,
      ),

    reopen: (tenantId, seen, reopening) =>
      transition(
        { tenantId, binaryId: seen.binaryId },
        () => update(reopenRequest(tenantId, seen, reopening)),
        (job) => job.reopened === reopening.reopened && job.deletedAt === undefined,
      ),
  };
};
