import { sampleTenants } from '../../local/sample-tenants.ts';
import { startEmbedded } from '../../local/start-embedded.ts';
import { apiEvent } from '../../test/support/api-event.ts';
import { createTestAuthority } from '../../test/support/test-authority.ts';
import { followParent, reportToParent } from '../harness/helper-process.ts';
import type { StandInReady } from './stand-in.ts';
import { startLogSink, startTlsFront } from './tls-front.ts';

/** The emulators and the issuer, each behind TLS, in this process: what they cost is not counted to the function that is measured. */
const start = async (): Promise<StandInReady> => {
  const openJobs = { execute: 5000, schedule: 5000 };
  const demo = { ...sampleTenants['demo'], openJobs } as NonNullable<(typeof sampleTenants)[string]>;
  const { endpoints, functions, issuer, resources } = await startEmbedded({
    delivery: 'manual',
    tenants: { demo },
    samples: false,
    writeLog: () => {},
  });
  const authority = await createTestAuthority('authority of the stand-ins');
  const certificate = await authority.issue(['127.0.0.1']);
  const [dynamodb, s3, sqs, logs] = await Promise.all([
    startTlsFront(certificate, endpoints.dynamodb),
    startTlsFront(certificate, endpoints.s3),
    startTlsFront(certificate, endpoints.sqs),
    startLogSink(certificate),
  ]);
  const order = JSON.stringify({
    resourceType: 'Parameters',
    parameter: [{ name: 'anonymization', valueString: 'None' }],
  });
  return {
    authorities: `${authority.certificate}\n${issuer.certificate}`,
    urls: { dynamodb, issuer: issuer.jwksUri('demo'), s3, sqs, logs },
    environment: {
      ...functions.environment.api,
      REPORT_QUEUE_URL: new URL(new URL(resources.reportQueueUrl).pathname, sqs).href,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_ENDPOINT_URL_S3: s3,
      AWS_ENDPOINT_URL_SQS: sqs,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs,
    },
    event: apiEvent('POST', '/fhir/$execute-patient-usage-stats', {
      headers: {
        authorization: `Bearer ${await issuer.sign('demo', { lifetimeSeconds: 6 * 3600 })}`,
        'content-type': 'application/fhir+json; charset=UTF-8',
        accept: 'application/fhir+json;q=1.0, application/json+fhir;q=0.9',
        'accept-encoding': 'gzip',
      },
      body: order,
    }),
  };
};

followParent();
reportToParent({ ...(await start()) });
