import type { Context } from 'aws-lambda';
import { readApiConfig } from '../../functions/api/config.ts';
import { createApiHandler } from '../../functions/api/create-api-handler.ts';
import { createApiDependencies } from '../../functions/api/dependencies.ts';
import { createLogger } from '../../functions/platform/logger.ts';
import type { Embedded } from '../../local/start-embedded.ts';
import { apiEvent } from './api-event.ts';
import { resourceOf } from './create-test-api.ts';
import { contractOrder } from './fhir-client.ts';

/** Sends the contract's order to an api of its own beside the running one, which differs in its queue only. */
export const handleWithQueue = async (
  { functions, issuer }: Embedded,
  queueUrl: string,
): Promise<{ readonly statusCode: number | undefined; readonly binaryId: string }> => {
  const config = readApiConfig({ ...functions.environment.api, REPORT_QUEUE_URL: queueUrl });
  const logger = createLogger({ now: () => 0 }, () => {});
  const handler = createApiHandler({ ...createApiDependencies(config), logger, audit: { write: async () => {} } });
  const headers = { authorization: `Bearer ${await issuer.sign('demo')}`, 'content-type': 'application/fhir+json' };
  const event = apiEvent('POST', '/fhir/$execute-patient-usage-stats', { headers, body: contractOrder });
  const answer = await handler(event, { getRemainingTimeInMillis: () => 29_000 } as Context);
  return { statusCode: answer.statusCode, binaryId: String(resourceOf(answer)['id']) };
};
