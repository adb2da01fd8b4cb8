import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { restoreTenantId } from '../../../functions/auth/tenant.ts';
import { contentPrefix } from '../../../functions/binaries/binary.ts';
import { fromJobItem, type JobItem, jobKey } from '../../../functions/jobs/job-item.ts';
import { placeRequest } from '../../../functions/jobs/job-requests.ts';
import { withStoredPlaceholder } from '../earlier-orders.ts';
import { changeUpdates, type SeededBug } from './seeded-bug.ts';

/** Faults that somebody could have made in the api and in what it writes. */
export const apiBugs: readonly SeededBug[] = [
  {
    name: 'version 1 names bytes that nobody has stored',
    breaks: ['I3'],
    variant: {
      api: (api) => ({
        ...api,
        jobs: { ...api.jobs, place: (tenantId, job) => api.jobs.place(tenantId, withStoredPlaceholder(job)) },
      }),
    },
  },
  {
    name: 'version 1 is recorded after the job',
    breaks: ['I3', 'contract'],
    variant: {
      jobs: (store, documents) => ({
        ...store,
        async place(tenantId, job) {
          const placed = await store.place(tenantId, { ...job, versions: [] });
          if (placed.outcome === 'conflict' || placed.job.versions.length > 0) return placed;
          const { Item } = placeRequest({ ...job, tenantId });
          const { Attributes } = await documents.send(
            new UpdateCommand({
              TableName: 'jobs',
              Key: { pk: Item.pk },
              UpdateExpression: 'SET versions.#one = :version',
              ConditionExpression: 'attribute_not_exists(deletedAt)',
              ExpressionAttributeNames: { '#one': '1' },
              ExpressionAttributeValues: { ':version': Item.versions['1'] },
              ReturnValues: 'ALL_NEW',
            }),
          );
          return { outcome: 'applied', job: fromJobItem(Attributes as unknown as JobItem) };
        },
      }),
    },
  },
  {
    name: 'the message before the record',
    breaks: ['I8'],
    variant: {
      api: (api) => ({
        ...api,
        jobs: {
          ...api.jobs,
          async place(tenantId, job) {
            await api.queue.send(tenantId, job.binaryId);
            return api.jobs.place(tenantId, job);
          },
        },
        queue: { send: async () => {} },
      }),
    },
  },
  {
    name: '2xx before the record is durable',
    breaks: ['I6'],
    variant: {
      api: (api) => ({
        ...api,
        jobs: {
          ...api.jobs,
          async place(tenantId, job) {
            api.jobs.place(tenantId, job).catch(() => undefined);
            return { outcome: 'applied', job };
          },
        },
      }),
    },
  },
  {
    name: 'an order taken back after an error of the table',
    breaks: ['I6'],
    variant: {
      jobs: (store, documents) => ({
        ...store,
        async place(tenantId, job) {
          try {
            return await store.place(tenantId, job);
          } catch (error) {
            await documents.send(new DeleteCommand({ TableName: 'jobs', Key: jobKey(tenantId, job.binaryId) }));
            throw error;
          }
        },
      }),
    },
  },
  {
    name: 'an order does not know its own record again',
    breaks: ['I6'],
    variant: {
      jobs: (store, documents) => ({
        ...store,
        async place(tenantId, job) {
          try {
            await documents.send(new PutCommand({ ...placeRequest({ ...job, tenantId }), TableName: 'jobs' }));
            return { outcome: 'applied', job };
          } catch (error) {
            if (!(error instanceof ConditionalCheckFailedException)) throw error;
            return { outcome: 'conflict', job: undefined };
          }
        },
      }),
    },
  },
  {
    name: 'an idempotency key reserved without a condition',
    breaks: ['I5'],
    variant: {
      command(command) {
        if (!(command instanceof PutCommand) || !String(command.input.Item?.['pk']).includes('#idempotency#'))
          return command;
        const { TableName, Item } = command.input;
        return new PutCommand({ TableName, Item });
      },
      // Looked up before it is reserved, a key would be safe but for orders that meet.
      jobs: (store) => ({ ...store, findReservation: async () => undefined }),
    },
  },
  {
    name: 'eventually consistent reads',
    breaks: ['I11', 'I6', 'contract'],
    variant: {
      command: (command) =>
        command instanceof GetCommand ? new GetCommand({ ...command.input, ConsistentRead: false }) : command,
    },
  },
  {
    name: "a Binary looked up under any tenant's key",
    breaks: ['I4'],
    variant: {
      api: (api) => ({
        ...api,
        jobs: {
          ...api.jobs,
          async read(tenantId, binaryId) {
            const own = await api.jobs.read(tenantId, binaryId);
            return own ?? (await api.jobs.read(restoreTenantId(tenantId === 'north' ? 'south' : 'north'), binaryId));
          },
        },
      }),
    },
  },
  {
    name: 'a Binary read by anybody in its tenant',
    breaks: ['I4', 'contract'],
    variant: {
      api: (api, { world }) => ({
        ...api,
        verifier: {
          async verify(authorization) {
            const caller = await api.verifier.verify(authorization);
            return {
              ...caller,
              get userId() {
                return world.table.items.size > 1 ? 'user0' : caller.userId;
              },
            };
          },
        },
      }),
    },
  },
  {
    name: 'the newest object instead of the one that the record names',
    breaks: ['I3'],
    variant: {
      api: (api, { world }) => ({
        ...api,
        jobs: {
          ...api.jobs,
          async read(tenantId, binaryId) {
            const job = await api.jobs.read(tenantId, binaryId);
            const key = world.content.list(contentPrefix(tenantId, binaryId)).at(-1);
            if (job === undefined || key === undefined) return job;
            return {
              ...job,
              versions: job.versions.map((version) => ({ ...version, content: { kind: 'stored', key } })),
            };
          },
        },
      }),
    },
  },
  {
    name: 'DELETE erases before it writes the record',
    breaks: ['I3'],
    variant: {
      api: (api) => ({
        ...api,
        jobs: {
          ...api.jobs,
          async remove(tenantId, seen, removal) {
            await api.eraser.eraseAll(tenantId, seen.binaryId);
            return api.jobs.remove(tenantId, seen, removal);
          },
        },
      }),
    },
  },
  {
    name: 'DELETE leaves the job to its worker',
    breaks: ['I12', 'I1'],
    variant: {
      command: changeUpdates(
        ({ UpdateExpression = '' }) => UpdateExpression.includes('deletedAt = :deletedAt'),
        () => ({
          UpdateExpression:
            'SET deletedAt = :deletedAt, ended = if_not_exists(ended, :deletedAt), versions = :none, openShard = :shard, due = :due',
        }),
      ),
    },
  },
  {
    name: "the user's id in the message",
    breaks: ['I9'],
    variant: {
      command(command) {
        if (!(command instanceof SendMessageCommand)) return command;
        const body = JSON.parse(command.input.MessageBody ?? '') as object;
        return new SendMessageCommand({ ...command.input, MessageBody: JSON.stringify({ ...body, user: 'user0' }) });
      },
    },
  },
];
