import { expect, test } from 'vitest';
import { readImportMessage, writeImportMessage } from '../../functions/imports/import-message.ts';
import { sampleImportId } from '../support/sample-import.ts';
import { demoTenant } from '../support/sample-job.ts';

test('I9: a message has the ids of tenant and import, and nothing else', () => {
  const body = writeImportMessage({ tenantId: demoTenant, importId: sampleImportId });
  expect(JSON.parse(body)).toEqual({ tenant: 'demo', importId: sampleImportId });
  expect(readImportMessage(body)).toEqual({ tenantId: 'demo', importId: sampleImportId });
});

test('what a later version adds is ignored', () => {
  const body = JSON.stringify({ tenant: 'demo', importId: sampleImportId, step: 'FILES' });
  expect(readImportMessage(body)).toEqual({ tenantId: 'demo', importId: sampleImportId });
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"tenant":"demo"}',
  '{"tenant":"DEMO","importId":"x"}',
  `{"tenant":"demo","importId":"../x"}`,
])('%j is no message', (body) => expect(readImportMessage(body)).toBeUndefined());
