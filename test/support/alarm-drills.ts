import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { createCloudWatchAuditLog } from '../../functions/audit/cloudwatch-audit-log.ts';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { contentKey } from '../../functions/binaries/binary.ts';
import { manifestName } from '../../functions/episodes/manifest.ts';
import { createDynamoDbImportStore } from '../../functions/imports/dynamodb-import-store.ts';
import { failImport, markTidy } from '../../functions/imports/import-transitions.ts';
import { lastCallSettings } from '../../functions/platform/client-settings.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { importTenant } from '../../local/import-tenant.ts';
import type { DrillBench } from './drill-bench.ts';
import {
  deleteAll,
  deliverUntilDead,
  emptyQueue,
  order,
  placeStored,
  putObject,
  tickEachMinute,
  times,
} from './drill-steps.ts';
import { contractOrder } from './fhir-client.ts';

/** How an alarm is brought about. */
export interface AlarmDrill {
  /** What is wrong, in words. */
  readonly fault: string;
  /** Injects it, and lets the time pass that the alarm needs. */
  inject(bench: DrillBench): Promise<void>;
  /** Takes it away. What only needs time is not named. */
  heal?(bench: DrillBench): Promise<void>;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const demo = restoreTenantId('demo');
const nowhere = { JOBS_TABLE: 'no-such-table' };

const putTenantItem = (bench: DrillBench, Item: Record<string, unknown>) =>
  bench.service.clients.documents.send(new PutCommand({ TableName: bench.service.resources.tenantsTable, Item }));

const demoRecord = async ({ service: { clients, resources } }: DrillBench): Promise<Record<string, unknown>> => {
  const request = new GetCommand({ TableName: resources.tenantsTable, Key: { id: 'demo' } });
  return (await clients.documents.send(request)).Item ?? {};
};

const pointKeysAt = async (bench: DrillBench, jwksUri: string): Promise<void> =>
  void (await putTenantItem(bench, { ...(await demoRecord(bench)), jwksUri }));

const manifestKey = `demo/${manifestName}`;

/** Whether the data set of `demo` is fetched every night. */
const fetchNightly = async (bench: DrillBench, nightly: boolean): Promise<void> => {
  const record = await demoRecord(bench);
  await putTenantItem(bench, { ...record, import: { ...(record['import'] as object), nightly } });
};

/** An import of `demo` is begun, and ends at once for a reason. */
const failImportOf = async ({ service: { clients, resources }, now }: DrillBench): Promise<void> => {
  const imports = createDynamoDbImportStore(clients.documents, resources.importsTable, randomIds);
  const trusted = new Set(['127.0.0.1']);
  const { import: begun } = await importTenant({ ...clients, ...resources, trusted }, demo);
  const problem = { code: 'SIGN_IN_REFUSED', cause: 'The client is not known.' } as const;
  await imports.replace(demo, begun, markTidy(failImport(begun, problem, now())));
};

/** An import of `demo` is begun, and its time is over at once. */
const letImportRunOut = async ({ service: { clients, resources }, now }: DrillBench): Promise<void> => {
  const imports = createDynamoDbImportStore(clients.documents, resources.importsTable, randomIds);
  const trusted = new Set(['127.0.0.1']);
  const { import: begun } = await importTenant({ ...clients, ...resources, trusted }, demo);
  await imports.replace(demo, begun, { ...begun, deadline: now(), due: now() });
};

/** The ticks of the importer in a quarter of an hour. */
const quarterOfTicks = (bench: DrillBench): Promise<void> =>
  times(15, async () => {
    bench.advance(minute);
    await bench.import(() => bench.starts.importer());
  });

/** The time of a user's clock runs ahead of the service's. */
const fromTheFuture = (bench: DrillBench) => bench.client({ claims: { nbf: Math.round(bench.now() / second) + 90 } });

/** Drills of alarms on what the service emits, by the alarm's logical id. */
export const ownDrills: Readonly<Record<string, AlarmDrill>> = {
  TicksMissingAlarm: {
    fault: 'the dispatcher is not called for four minutes',
    inject: async (bench) => bench.advance(4 * minute),
  },
  OldestJobAgeAlarm: {
    fault: 'an order whose messages nobody takes',
    inject: async (bench) => {
      await order(bench);
      await tickEachMinute(bench, 10);
    },
    heal: emptyQueue,
  },
  ScheduledReportsLateAlarm: {
    fault: 'a night in which no worker runs',
    inject: async (bench) => {
      const { documents } = bench.service.clients;
      const answer = await (await bench.client()).call('POST', '$schedule-patient-usage-stats', {
        body: contractOrder,
      });
      const { id } = (await answer.json()) as { id: string };
      const request = new GetCommand({ TableName: bench.service.resources.jobsTable, Key: { pk: `demo#${id}` } });
      const { Item } = await documents.send(request);
      bench.advance(Date.parse(String(Item?.['releaseAt'])) - bench.now());
      await bench.tick();
      bench.advance(Date.parse(String(Item?.['deadline'])) - bench.now() - hour);
      await tickEachMinute(bench, 3);
    },
    heal: emptyQueue,
  },
  DeadLettersAlarm: {
    fault: 'a message that is no job is delivered five times, half an hour apart',
    inject: async (bench) => {
      await bench.send('ReportQueue', 'not a job');
      await deliverUntilDead(bench, 'ReportQueue');
      await bench.tick();
    },
    heal: async ({ service: { clients, resources } }) =>
      void (await clients.sqs.send(new PurgeQueueCommand({ QueueUrl: resources.deadLetterQueueUrl }))),
  },
  FailedJobsAlarm: {
    fault: 'a tenant without a data set orders three reports',
    inject: (bench) => times(3, async () => bench.work((await order(bench)).event)),
    heal: emptyQueue,
  },
  UnqueuedOrdersAlarm: {
    fault: 'the report queue is not there',
    inject: async (bench) => {
      const REPORT_QUEUE_URL = `${bench.service.resources.reportQueueUrl}-that-is-not-there`;
      bench.serve(() => bench.starts.api({ REPORT_QUEUE_URL }));
      await times(3, () => order(bench));
    },
  },
  UnreadableItemsAlarm: {
    fault: 'an open item of the jobs table has no versions',
    inject: async (bench) => {
      const { clients, resources } = bench.service;
      const Item = { pk: 'demo#damaged', openShard: '0', due: '1970-01-01T00:00:00.000Z' };
      await clients.documents.send(new PutCommand({ TableName: resources.jobsTable, Item }));
      await bench.tick();
    },
    heal: async ({ service: { clients, resources } }) =>
      void (await clients.documents.send(
        new DeleteCommand({ TableName: resources.jobsTable, Key: { pk: 'demo#damaged' } }),
      )),
  },
  FailedRequestsAlarm: {
    fault: 'the jobs table is not there',
    inject: async (bench) => {
      bench.serve(() => bench.starts.api(nowhere));
      const client = await bench.client();
      await times(5, () => client.call('GET', '$get-report-job-status'));
    },
  },
  RequestLatencyAlarm: {
    fault: 'every read of the jobs table takes four seconds',
    inject: async (bench) => {
      bench.serve(() =>
        bench.starts.api({}, ({ jobs }) => ({
          jobs: {
            ...jobs,
            read: (...call) => {
              bench.advance(4 * second);
              return jobs.read(...call);
            },
          },
        })),
      );
      const path = `Binary/${randomIds.sortableUuid(bench.now())}`;
      await times(3, async () => {
        bench.advance(5 * minute - 4 * second);
        await (await bench.client()).call('GET', path);
      });
    },
  },
  IssuerFailuresAlarm: {
    fault: 'an issuer answers 404 where its keys should be',
    inject: async (bench) => {
      await pointKeysAt(bench, `${bench.service.issuer.url}/nowhere`);
      bench.advance(2 * minute);
      const client = await bench.client();
      await times(3, async () => {
        bench.advance(6 * second);
        await client.call('GET', '$get-report-job-status');
      });
    },
    heal: (bench) => pointKeysAt(bench, bench.service.issuer.jwksUri('demo')),
  },
  AuthClockSkewAlarm: {
    fault: "an issuer's clock is a minute and a half ahead",
    inject: async (bench) => {
      const early = await fromTheFuture(bench);
      await times(10, () => early.call('GET', '$get-report-job-status'));
      bench.advance(minute + second);
      await (await fromTheFuture(bench)).call('GET', '$get-report-job-status');
    },
  },
  TenantFaultsAlarm: {
    fault: 'the record of a tenant has no issuer',
    inject: async (bench) => {
      await putTenantItem(bench, { id: 'broken' });
      bench.advance(2 * minute);
      await (await bench.client()).call('GET', '$get-report-job-status');
    },
    heal: async ({ service: { clients, resources } }) =>
      void (await clients.documents.send(
        new DeleteCommand({ TableName: resources.tenantsTable, Key: { id: 'broken' } }),
      )),
  },
  AuditEventsLostAlarm: {
    fault: 'CloudWatch Logs cannot be reached by the api',
    inject: async (bench) => {
      const client = new CloudWatchLogsClient({ ...lastCallSettings, endpoint: 'http://127.0.0.1:9' });
      bench.serve(() =>
        bench.starts.api({}, ({ clock }) => ({
          audit: createCloudWatchAuditLog(client, { group: 'audit', stream: 'api' }, clock),
        })),
      );
      await (await bench.client()).call('GET', '$get-report-job-status');
      client.destroy();
    },
  },
  DependencyRefusedAlarm: {
    fault: 'AWS refuses the worker its table',
    inject: async (bench) => bench.work((await order(bench)).event, () => bench.starts.worker(nowhere)),
    heal: emptyQueue,
  },
  CorruptContentsAlarm: {
    fault: 'stored bytes were changed',
    inject: async (bench) => {
      const { binaryId, key } = await placeStored(bench);
      await putObject(bench, key, 'changed');
      await (await bench.client()).call('GET', `Binary/${binaryId}`);
    },
    heal: deleteAll,
  },
  OrphansDoubtedAlarm: {
    fault: 'the record of a finished report is gone',
    inject: async (bench) => {
      const { service } = bench;
      const Key = contentKey(demo, randomIds.sortableUuid(bench.now() - 50 * hour), 2, 'attempt');
      const object = { Bucket: service.resources.contentBucket, Key };
      await service.clients.s3.send(new PutObjectCommand({ ...object, Body: 'a report' }));
      await bench.clean();
      await service.clients.s3.send(new DeleteObjectCommand(object));
    },
  },
  AuditorFindingsAlarm: {
    fault: 'the bytes of a finished report are gone',
    inject: async (bench) => {
      await placeStored(bench);
      await bench.audit();
    },
    heal: deleteAll,
  },
  OrphanBytesAlarm: {
    fault: 'a large object of five days ago that no record names',
    inject: async (bench) => {
      const { clients, resources } = bench.service;
      const Key = contentKey(demo, randomIds.sortableUuid(bench.now() - 120 * hour), 1, 'attempt');
      const object = { Bucket: resources.contentBucket, Key };
      await clients.s3.send(new PutObjectCommand({ ...object, Body: new Uint8Array(1_000_000) }));
      await bench.audit();
      await clients.s3.send(new DeleteObjectCommand(object));
    },
  },
  AuditorRunsMissingAlarm: {
    fault: 'the auditor is not called for two days',
    inject: async (bench) => bench.advance(48 * hour + minute),
  },
  DataSetAgeAlarm: {
    fault: 'the last night a data set was fetched is the one before the last',
    inject: async (bench) => {
      const { clients, resources } = bench.service;
      await fetchNightly(bench, true);
      const manifest = JSON.stringify({ transactionTime: new Date(bench.now() - 30 * hour).toISOString(), output: [] });
      await clients.s3.send(new PutObjectCommand({ Bucket: resources.dataBucket, Key: manifestKey, Body: manifest }));
      await quarterOfTicks(bench);
    },
    heal: async (bench) => {
      await fetchNightly(bench, false);
      const { clients, resources } = bench.service;
      await clients.s3.send(new DeleteObjectCommand({ Bucket: resources.dataBucket, Key: manifestKey }));
    },
  },
  DataSetsNeverFetchedAlarm: {
    fault: 'the first import of a tenant fails',
    inject: async (bench) => {
      await fetchNightly(bench, true);
      await failImportOf(bench);
      await quarterOfTicks(bench);
    },
    heal: (bench) => fetchNightly(bench, false),
  },
  FailedImportsAlarm: {
    fault: 'an import does not end before its deadline',
    inject: async (bench) => {
      await letImportRunOut(bench);
      await bench.import(() => bench.starts.importer());
    },
    heal: async ({ service: { clients, resources } }) => {
      const imports = createDynamoDbImportStore(clients.documents, resources.importsTable, randomIds);
      const over = await imports.read(demo);
      if (over !== undefined) await imports.replace(demo, over, markTidy(over));
    },
  },
  ImportTicksMissingAlarm: {
    fault: 'the importer is not called for a quarter of an hour',
    inject: async (bench) => bench.advance(16 * minute),
  },
  CleaningsMissingAlarm: {
    fault: 'the cleaner is not called for half a day',
    inject: async (bench) => bench.advance(12 * hour + minute),
  },
};
