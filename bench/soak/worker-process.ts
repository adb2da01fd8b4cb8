import { SQSClient } from '@aws-sdk/client-sqs';
import { handler } from '../../functions/worker/handler.ts';
import { readInfraTemplate } from '../../local/infra-template.ts';
import { createLambdaContext } from '../../local/lambda-context.ts';
import { startQueuePoller } from '../../local/queue-poller.ts';
import { followParent } from '../harness/helper-process.ts';

// The worker as it is deployed, fed by the queue as Lambda would, in a process that can be killed.
followParent();
const { functions } = await readInfraTemplate();
startQueuePoller({
  sqs: new SQSClient(),
  queueUrl: process.env['SOAK_QUEUE_URL'] ?? '',
  queueArn: 'arn:aws:sqs:eu-north-1:000000000000:ReportQueue',
  batchSize: 1,
  concurrency: 1,
  invoke: (event) => handler(event, createLambdaContext('soak-worker', functions.worker)),
  onError: (error) => console.error('worker:', error),
});
