import { expect, test } from 'vitest';
import { clientSettings, lastCallSettings } from '../../functions/platform/client-settings.ts';

/** The longest that one call takes, retries included: to connect, to wait for the answer, to wait amid it. In milliseconds. */
const longest = ({ maxAttempts, requestHandler }: typeof clientSettings | typeof lastCallSettings): number => {
  const { connectionTimeout, requestTimeout, socketTimeout } = requestHandler;
  return maxAttempts * (connectionTimeout + requestTimeout + socketTimeout);
};

test('one call to a service that hangs ends before the api gives up on its request at 25 s', () => {
  expect(longest(clientSettings)).toBeLessThan(25_000);
});
test('the audit event and the message are given up before the gateway gives up, when they are begun 4 s before that and nothing comes of them', () => {
  const { maxAttempts, requestHandler } = lastCallSettings;
  expect(maxAttempts * (requestHandler.connectionTimeout + requestHandler.requestTimeout)).toBeLessThan(4000);
});
