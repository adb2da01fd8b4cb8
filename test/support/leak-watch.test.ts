import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { describeAudit } from '../../functions/audit/audit-event.ts';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { createLogger } from '../../functions/platform/logger.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { apiEvent } from './api-event.ts';
import { createTestApi } from './create-test-api.ts';
import { findLeaks, registerToken, takeLeaks } from './leak-watch.ts';
import { createRecordedLog } from './recorded-log.ts';
import { sampleBinaryId, sampleTime } from './sample-job.ts';
import { createEcKey, signToken } from './signed-tokens.ts';

const patient = 'https://a.example/fhir/Patient/17';
const audited = { recorded: sampleTime, requestId: 'planted', interaction: undefined, user: undefined, status: 200 };

/** A leak at each place, made by hand. */
const seeds: Readonly<Record<string, () => unknown>> = {
  'the log': () => createLogger({ now: () => 0 }, () => {}).log('MESSAGE_UNUSABLE', { reason: patient }),
  'an error': () => new ServiceError('DATA_SET_MALFORMED', { cause: patient }),
  'an audit event': () => describeAudit({ ...audited, errorCode: undefined, operation: undefined, binary: undefined }),
  'a message': () => writeJobMessage({ tenantId: restoreTenantId('planted'), binaryId: sampleBinaryId() }),
  // biome-ignore lint/suspicious/noConsole: what goes there is watched too
  'the console': () => console.info('planted by leak-watch.test.ts, on purpose'),
  stdout: () => process.stdout.write('planted by leak-watch.test.ts, on purpose\n'),
  stderr: () => process.stderr.write('planted by leak-watch.test.ts, on purpose\n'),
};

describe('I9: a patient reference that comes out is found', () => {
  test.each(Object.keys(seeds))('I9: in %s', (place) => {
    seeds[place]?.();
    expect(takeLeaks()).toContain(`a patient in ${place}`);
  });
  test('I9: in the log that tests keep, where the event has the field', () => {
    createRecordedLog().log('MESSAGE_UNUSABLE', { reason: patient });
    expect(takeLeaks()).toEqual(['a patient in the log']);
  });
  test('I9: in the body of an answer, in its headers, and in the error that it was made of', async () => {
    const verify = () => Promise.reject(new ServiceError('GENERAL_VALIDATION_ERROR', { args: [patient] }));
    await createTestApi({}, { verifier: { verify } }).send(apiEvent('GET', '/fhir/x'));
    expect(takeLeaks()).toEqual(['a patient in an error', 'a patient in an answer']);
    await createTestApi().send(apiEvent('GET', '/fhir/x', { headers: { 'x-request-id': 'planted' } }));
    expect(takeLeaks()).toEqual(['a patient in the log', 'a patient in an audit event', 'a patient in an answer']);
  });
  test('I9: in what is fetched', async () => {
    const server = createServer((_request, response) => response.end(JSON.stringify({ text: patient })));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/`);
    expect(takeLeaks()).toEqual(['a patient in a fetched answer']);
    await fetch(`http://127.0.0.1:${port}/realms/demo/tokens`);
    expect(takeLeaks()).toEqual([]);
    server.close();
  });
  test('I9: in base64, in a gzip stream, in a ZIP, in a resource in base64 in JSON, in a name', () => {
    const bytes = strToU8(patient);
    for (const value of [
      Buffer.from(bytes).toString('base64'),
      gzipSync(bytes),
      zipSync({ file: bytes }),
      JSON.stringify({ data: Buffer.from(zipSync({ 'a/b': bytes })).toString('base64') }),
      { [patient]: 1 },
    ]) {
      expect(findLeaks(value)).toEqual(['a patient']);
    }
    expect(findLeaks('https://a.example/Patient')).toEqual([]);
  });
});

describe('I9: a token that comes out is found', () => {
  const token = signToken({ iss: 'https://issuer.example', user_id: 'u' }, createEcKey('k', 'P-256', 'ES256'));
  test.each(['header', 'payload', 'signature'])('I9: by its %s alone', (part) => {
    const text = token.split('.')[['header', 'payload', 'signature'].indexOf(part)] ?? '';
    expect(findLeaks(`Bearer ${text}.cut`)).toEqual(['a token']);
    expect(findLeaks({ reason: [text.slice(0, 30)] })).toEqual(['a token']);
  });
  test('I9: also one that was only sent, in a request or to a handler', async () => {
    const sent = 'A'.repeat(40);
    expect(findLeaks(sent)).toEqual([]);
    await createTestApi().send(apiEvent('GET', '/fhir/x', { headers: { authorization: `Bearer ${sent}` } }));
    expect(findLeaks(sent)).toEqual(['a token']);
    registerToken(undefined);
    registerToken('Bearer owner');
    expect(findLeaks('owner')).toEqual([]);
  });
});
