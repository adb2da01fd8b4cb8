import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { describeFailedVersion } from '../../../functions/jobs/failed-version.ts';
import { attemptsExhausted } from '../../../functions/jobs/job.ts';
import { completeRequest } from '../../../functions/jobs/job-requests.ts';
import { plantedReference } from '../data-sets.ts';
import { firstsWithFrozenUpload } from '../themes.ts';
import { changeUpdates, type SeededBug, setsStatus } from './seeded-bug.ts';

const isCompletion = (input: UpdateCommandInput): boolean =>
  setsStatus('DONE')(input) && input.UpdateExpression?.includes('versions.#version') === true;

/** The key of a report's bytes if it were the same for all attempts. */
const sharedKey = (key: string): string => key.replace(/(\/Binary\/[^/]+\/[2-9]\/).+$/, '$1report');

/** Faults that somebody could have made in the worker and in what it writes. */
export const workerBugs: readonly SeededBug[] = [
  {
    name: 'one content key for all attempts',
    breaks: ['I2', 'I3'],
    variant: {
      command(command) {
        if (!(command instanceof PutObjectCommand)) return command;
        const Key = sharedKey(command.input.Key ?? '');
        if (Key === command.input.Key) return command;
        const { IfNoneMatch: _isNew, ...input } = command.input;
        return new PutObjectCommand({ ...input, Key });
      },
      worker: (worker) => ({
        ...worker,
        jobs: {
          ...worker.jobs,
          complete(tenantId, binaryId, token, { version, ended }) {
            const { content } = version;
            const shared = content.kind === 'stored' ? { ...content, key: sharedKey(content.key) } : content;
            return worker.jobs.complete(tenantId, binaryId, token, { ended, version: { ...version, content: shared } });
          },
        },
      }),
    },
  },
  {
    name: 'the bytes of the report after the record',
    breaks: ['I3'],
    variant: {
      worker: (worker) => {
        let put = async (): Promise<void> => {};
        return {
          ...worker,
          content: {
            ...worker.content,
            async put(tenantId, content, signal) {
              put = () => worker.content.put(tenantId, content, signal);
            },
          },
          jobs: {
            ...worker.jobs,
            async complete(...completion) {
              const completed = await worker.jobs.complete(...completion);
              await put();
              return completed;
            },
          },
        };
      },
    },
  },
  {
    name: 'the bytes of the report cleaned up after an error of the table',
    breaks: ['I3'],
    variant: {
      worker: (worker, { world }) => ({
        ...worker,
        jobs: {
          ...worker.jobs,
          async complete(tenantId, binaryId, token, ending) {
            try {
              return await worker.jobs.complete(tenantId, binaryId, token, ending);
            } catch (error) {
              const { content } = ending.version;
              if (content.kind === 'stored') world.content.delete(content.key);
              throw error;
            }
          },
        },
      }),
    },
  },
  {
    name: 'an upload that outlives its attempt',
    breaks: ['I12'],
    firsts: firstsWithFrozenUpload,
    variant: {
      worker: (worker) => ({
        ...worker,
        content: {
          ...worker.content,
          put: (tenantId, content) => worker.content.put(tenantId, content, new AbortController().signal),
        },
      }),
    },
  },
  {
    name: "completion without the lease's token",
    breaks: ['I5'],
    variant: {
      command: changeUpdates(isCompletion, ({ ConditionExpression = '' }) => ({
        ConditionExpression: ConditionExpression.replace(' AND leaseToken = :token', ''),
      })),
    },
  },
  {
    name: 'completion without any condition',
    breaks: ['I2', 'I5', 'I7', 'I12'],
    variant: { command: changeUpdates(isCompletion, () => ({ ConditionExpression: 'attribute_exists(pk)' })) },
  },
  {
    name: 'a completion that is not known again fails the job',
    breaks: ['I7', 'I1'],
    variant: {
      jobs: (store, documents) => ({
        ...store,
        async complete(tenantId, binaryId, token, ending) {
          const request = completeRequest(tenantId, binaryId, token, ending);
          try {
            await documents.send(new UpdateCommand({ ...request, TableName: 'jobs' }));
          } catch (error) {
            if (!(error instanceof ConditionalCheckFailedException)) throw error;
            await documents.send(
              new UpdateCommand({
                TableName: 'jobs',
                Key: request.Key,
                UpdateExpression: 'SET #status = :failed',
                ExpressionAttributeNames: { '#status': 'status' },
                ExpressionAttributeValues: { ':failed': 'FAILED' },
              }),
            );
          }
          return { outcome: 'conflict', job: undefined };
        },
      }),
    },
  },
  {
    name: 'FAILED when the outcome of the completion is unknown',
    breaks: ['I7'],
    variant: {
      worker: (worker) => ({
        ...worker,
        jobs: {
          ...worker.jobs,
          async complete(tenantId, binaryId, token, ending) {
            try {
              return await worker.jobs.complete(tenantId, binaryId, token, ending);
            } catch {
              const job = await worker.jobs.read(tenantId, binaryId);
              if (job === undefined || job.versions.length !== 1) return { outcome: 'conflict', job };
              const failure = attemptsExhausted(job.attempts);
              const version = describeFailedVersion(job, failure, token, ending.ended);
              const guard = { by: 'worker', token } as const;
              return worker.jobs.fail(tenantId, binaryId, guard, { version, failure, ended: ending.ended });
            }
          },
        },
      }),
    },
  },
  {
    name: 'a claim takes a living lease',
    breaks: ['I5', 'I8'],
    variant: {
      command: changeUpdates(setsStatus('RUNNING'), ({ ConditionExpression = '' }) => ({
        ConditionExpression: ConditionExpression.replace(/ AND leaseUntil <= :now/, ''),
      })),
    },
  },
  {
    name: 'a claim takes a job whatever it has become',
    breaks: ['I7', 'I5', 'I12'],
    variant: { command: changeUpdates(setsStatus('RUNNING'), () => ({ ConditionExpression: 'attribute_exists(pk)' })) },
  },
  {
    name: 'attempts without a bound',
    breaks: ['I8'],
    variant: {
      worker: (worker) => ({ ...worker, rules: { ...worker.rules, maxAttempts: 1000 } }),
      dispatcher: (dispatcher) => ({ ...dispatcher, rules: { ...dispatcher.rules, maxAttempts: 1000 } }),
    },
  },
  {
    name: 'files of a data set not pinned',
    breaks: ['I10'],
    variant: {
      command(command) {
        if (!(command instanceof GetObjectCommand) || command.input.IfMatch === undefined) return command;
        const { IfMatch: _pinned, ...input } = command.input;
        return new GetObjectCommand(input);
      },
    },
  },
  {
    name: 'a cut-off that is to come is not looked at',
    breaks: ['I10'],
    variant: {
      worker: (worker) => ({
        ...worker,
        dataSets: {
          async openCurrent(...asked) {
            const opened = await worker.dataSets.openCurrent(...asked);
            return { ...opened, transactionTime: '2026-04-01T00:00:00Z' };
          },
        },
      }),
    },
  },
  {
    name: 'a patient reference in the log',
    breaks: ['I9'],
    variant: {
      worker: (worker) => ({
        ...worker,
        dataSets: {
          async openCurrent(tenantId, signal) {
            const opened = await worker.dataSets.openCurrent(tenantId, signal);
            worker.logger.log('JOB_ATTEMPT_FAILED', { tenant: tenantId, reason: `after ${plantedReference}1` });
            return opened;
          },
        },
      }),
    },
  },
];
