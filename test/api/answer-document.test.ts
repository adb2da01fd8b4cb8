import { expect, test } from 'vitest';
import { createDocumentAnswer } from '../../functions/api/answer-document.ts';
import { readApiRequest } from '../../functions/api/api-request.ts';
import { apiEvent } from '../support/api-event.ts';
import { createCountedIds } from '../support/counted-ids.ts';

const request = (headers: Readonly<Record<string, string>> = {}) =>
  readApiRequest(apiEvent('GET', '/fhir/metadata', { headers }), '/fhir', createCountedIds());

test('a document is made once, when it is first asked for', () => {
  let made = 0;
  const answer = createDocumentAnswer(() => {
    made += 1;
    return { made };
  });
  expect(made).toBe(0);
  expect(answer(request())).toEqual(answer(request()));
  expect(made).toBe(1);
});

test('its tag changes with its content and with nothing else', () => {
  const tagOf = (content: object) => createDocumentAnswer(() => content)(request()).headers?.['etag'];
  expect(tagOf({ a: 1 })).toBe(tagOf({ a: 1 }));
  expect(tagOf({ a: 1 })).not.toBe(tagOf({ a: 2 }));
  expect(tagOf({ a: 1 })).toMatch(/^W\/"[\w-]{22}"$/);
});

test('who has it already gets 304 with the tag and no body', () => {
  const answer = createDocumentAnswer(() => ({ a: 1 }));
  const etag = answer(request()).headers?.['etag'] ?? '';
  for (const header of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
    const known = answer(request({ 'if-none-match': header }));
    expect(known).toMatchObject({ status: 304, headers: { etag }, cacheSeconds: 300 });
    expect(known).not.toHaveProperty('body');
  }
  expect(answer(request({ 'if-none-match': '"other"' })).status).toBe(200);
});
