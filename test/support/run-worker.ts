import type { Context, SQSEvent } from 'aws-lambda';
import { handler } from '../../functions/worker/handler.ts';

/** The worker Lambda in a process of its own, which a test may kill: works on the message in its first argument, and ends. */
const [body = ''] = process.argv.slice(2);
const event = { Records: [{ messageId: 'm', body }] } as SQSEvent;
await handler(event, { getRemainingTimeInMillis: () => 300_000 } as Context);
