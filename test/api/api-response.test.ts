import { describe, expect, test } from 'vitest';
import { readApiRequest } from '../../functions/api/api-request.ts';
import { renderResponse } from '../../functions/api/api-response.ts';
import { apiEvent } from '../support/api-event.ts';
import { createCountedIds } from '../support/counted-ids.ts';

const event = apiEvent('GET', '/fhir/metadata', { headers: { 'accept-encoding': 'gzip' } });
const request = readApiRequest(event, '/fhir', createCountedIds());
const render = (bytes: number) => {
  const frame = JSON.stringify({ text: '' }).length;
  const resource = { text: 'x'.repeat(bytes - frame) };
  return renderResponse({ status: 200, body: { kind: 'resource', resource } }, request);
};

describe('renderResponse', () => {
  test('leaves a resource of 1 kB as it is and compresses one of a byte more', () => {
    expect(render(1024)).toMatchObject({ isBase64Encoded: false, body: expect.stringMatching(/^.{1024}$/) });
    expect(render(1024).headers).not.toHaveProperty('content-encoding');
    expect(render(1025)).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
  });
});
