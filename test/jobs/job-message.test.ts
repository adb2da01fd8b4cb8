import { describe, expect, test } from 'vitest';
import { readJobMessage, writeJobMessage } from '../../functions/jobs/job-message.ts';
import { readFixtureText } from '../support/read-fixture.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';

const message = { tenantId: demoTenant, binaryId: sampleBinaryId() };

describe('job messages', () => {
  test('say which job to look at, and nothing else (I9)', () => {
    expect(JSON.parse(writeJobMessage(message))).toEqual({ tenant: 'demo', binaryId: message.binaryId });
  });
  test('are read as they were written', () => {
    expect(readJobMessage(writeJobMessage(message))).toEqual(message);
  });
  test.each(['older', 'newer'])('A55: of an %s version are read', (version) => {
    expect(readJobMessage(readFixtureText(`job-messages/${version}.json`))).toEqual(message);
  });
  test.each([
    '',
    'x',
    'null',
    '5',
    '{}',
    '{"tenant":"demo"}',
    '{"tenant":"demo","binaryId":"../x"}',
    `{"tenant":"a#b","binaryId":"${sampleBinaryId()}"}`,
  ])('the body %j is not a message', (body) => {
    expect(readJobMessage(body)).toBeUndefined();
  });
});
