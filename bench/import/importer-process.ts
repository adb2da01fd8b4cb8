import { readFileSync } from 'node:fs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readImporterConfig } from '../../functions/importer/config.ts';
import { createImporterHandler } from '../../functions/importer/create-importer-handler.ts';
import { createImporterDependencies } from '../../functions/importer/dependencies.ts';
import { startQueuePoller } from '../../local/queue-poller.ts';
import { startTicker } from '../../local/ticker.ts';
import { trustCertificate } from '../../local/trust-certificate.ts';
import { followParent, reportToParent } from '../harness/helper-process.ts';
import { readUsage } from '../harness/usage.ts';

// The importer as it is deployed, in a process that can be killed: a poller for its queue, and a tick four times a second in place of one
// a minute. Tells how much memory it had at most whenever it is done with a message.

followParent();
trustCertificate(process.env['EXPORT_CERTIFICATE'] ?? '');

/** Bytes. That of this program alone: the peak that the process itself is told (`getrusage`) begins with that of whoever started it. */
const readPeak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;

const lambdaMillis = 300_000;
const tickSeconds = 0.25;
const handler = createImporterHandler(createImporterDependencies(readImporterConfig(), () => {}));

const invoke = async (event: unknown) => {
  const end = Date.now() + lambdaMillis;
  return handler(event, { getRemainingTimeInMillis: () => end - Date.now() });
};
const onError = (error: unknown) => console.error('importer:', error);

startQueuePoller({
  sqs: new SQSClient(),
  queueUrl: process.env['IMPORT_QUEUE_URL'] ?? '',
  queueArn: 'arn:aws:sqs:eu-north-1:000000000000:imports',
  batchSize: 1,
  concurrency: 1,
  onError,
  invoke: async (event) => {
    const response = await invoke(event);
    reportToParent({ ...readUsage(), peakBytes: readPeak() });
    return response ?? { batchItemFailures: [] };
  },
});
startTicker(tickSeconds, async () => void (await invoke({})), onError);
