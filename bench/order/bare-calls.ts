import { Agent, request } from 'node:http';

/** What the api's four calls of an order look like on the wire, without anything that makes them: target, and bytes of the body. */
const calls = {
  admit: ['DynamoDB_20120810.UpdateItem', 470],
  place: ['DynamoDB_20120810.PutItem', 1100],
  send: ['AmazonSQS.SendMessage', 180],
  audit: ['Logs_20140328.PutLogEvents', 1350],
} as const;

/**
 * A peer: the same calls in the same order as an order makes them, by plain HTTP requests over connections that are kept, and nothing else. What a
 * machine, its timers and the services cost by themselves.
 */
export const createBareCalls = (url: string): (() => Promise<void>) => {
  const agent = new Agent({ keepAlive: true });
  const call = (name: keyof typeof calls): Promise<void> => {
    const [target, length] = calls[name];
    return new Promise((resolve, reject) => {
      const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' };
      request(url, { agent, method: 'POST', headers }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end(JSON.stringify({ MessageBody: 'x'.repeat(length) }));
    });
  };
  return async () => {
    await call('admit');
    await call('place');
    await Promise.all([call('send'), call('audit')]);
  };
};
