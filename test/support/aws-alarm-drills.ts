import type { AlarmDrill } from './alarm-drills.ts';
import type { DrillBench } from './drill-bench.ts';
import { deliverUntilDead, times } from './drill-steps.ts';

const minute = 60_000;

const noEvent = { Records: [] };

/** What Lambda answers a caller whose function does not start. */
const callThrice = async (bench: DrillBench): Promise<void> => {
  bench.serve(() => bench.starts.api({ TENANTS_TABLE: undefined }));
  const client = await bench.client();
  await times(3, () => client.call('GET', '$get-report-job-status'));
};

const failOnce = { fault: 'the new version does not start: a setting is missing' };

/** Drills of alarms on what AWS itself measures, by the alarm's logical id. */
export const awsDrills: Readonly<Record<string, AlarmDrill>> = {
  ReportQueueAgeAlarm: {
    fault: 'no worker takes a message for 41 minutes',
    inject: async (bench) => {
      await (await bench.client()).order();
      bench.advance(41 * minute);
      await bench.watchQueue();
    },
  },
  ApiServerErrorsAlarm: {
    fault: 'the api cannot start, and the gateway answers for it',
    inject: async (bench) => {
      await callThrice(bench);
      await callThrice(bench);
    },
  },
  ApiErrorsAlarm: { fault: 'the api has no TENANTS_TABLE, and does not start (A57)', inject: callThrice },
  WorkerErrorsAlarm: {
    fault: 'the worker has no DATA_BUCKET, and does not start (A57)',
    inject: (bench) => times(3, () => bench.work(noEvent, () => bench.starts.worker({ DATA_BUCKET: '' }))),
  },
  DispatcherErrorsAlarm: {
    fault: 'the jobs table is not there for three ticks',
    inject: (bench) =>
      times(3, async () => {
        bench.advance(minute);
        await bench.tick(() => bench.starts.dispatcher({ JOBS_TABLE: 'no-such-table' }));
      }),
  },
  CleanerErrorsAlarm: {
    fault: 'the content bucket is not there, twice',
    inject: (bench) =>
      times(2, async () => {
        bench.advance(minute);
        await bench.clean(() => bench.starts.cleaner({ CONTENT_BUCKET: 'no-such-bucket' }));
      }),
  },
  ApiVersionErrorsAlarm: { ...failOnce, inject: callThrice },
  WorkerVersionErrorsAlarm: {
    ...failOnce,
    inject: (bench) => bench.work(noEvent, () => bench.starts.worker({ DATA_BUCKET: '' })),
  },
  DispatcherVersionErrorsAlarm: {
    ...failOnce,
    inject: (bench) => bench.tick(() => bench.starts.dispatcher({ DEAD_LETTER_QUEUE_URL: '' })),
  },
  ImporterVersionErrorsAlarm: {
    ...failOnce,
    inject: (bench) => bench.import(() => bench.starts.importer({ IMPORTS_TABLE: '' })),
  },
  FailedRunsAlarm: {
    fault: 'a run of the cleaner and its repetition fail, and Lambda reports it',
    inject: async (bench) => {
      await times(2, () => bench.clean(() => bench.starts.cleaner({ CONTENT_BUCKET: 'no-such-bucket' })));
      await bench.send('FailedRunQueue', '{}');
      await bench.watchUnread('FailedRunQueue');
    },
  },
  ImportDeadLettersAlarm: {
    fault: 'a message that is no import is delivered five times, half an hour apart',
    inject: async (bench) => {
      await bench.send('ImportQueue', 'not an import');
      await deliverUntilDead(bench, 'ImportQueue');
      await bench.watchUnread('ImportDeadLetterQueue');
    },
  },
  ImporterErrorsAlarm: {
    fault: 'the importer has no IMPORTS_TABLE, and does not start (A57)',
    inject: (bench) => times(3, () => bench.import(() => bench.starts.importer({ IMPORTS_TABLE: '' }))),
  },
  AuditorErrorsAlarm: {
    fault: 'the content bucket is not there, twice',
    inject: (bench) => times(2, () => bench.audit(() => bench.starts.auditor({ CONTENT_BUCKET: 'no-such-bucket' }))),
  },
  ThrottlesAlarm: {
    fault: 'twelve ticks at the same moment, of which one may run',
    inject: async (bench) => void (await Promise.all(Array.from({ length: 12 }, () => bench.tick()))),
  },
};
