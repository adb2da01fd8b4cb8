import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { listEndpoints } from '../../../functions/api/interactions.ts';
import { describeApi } from '../../../functions/api/openapi/describe-api.ts';
import { createRoutes, type RouteDependencies } from '../../../functions/api/routes.ts';
import { toErrorResponse } from '../../../functions/fhir/operation-outcome.ts';
import { type ErrorCode, errorRetry, ServiceError } from '../../../functions/platform/service-error.ts';
import { apiEvent } from '../../support/api-event.ts';
import { checkAnswer } from '../../support/check-answer.ts';
import { createTestApi } from '../../support/create-test-api.ts';

const baseUrl = 'https://reporting.example/fhir';
const routes = createRoutes({ baseUrl } as RouteDependencies);
const api = describeApi(routes, baseUrl);

interface Described {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters: readonly { readonly name?: string; readonly in?: string; readonly required?: boolean }[];
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

const find = (method: string, template: string): Described => {
  const operation = api.paths[template]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${template} is not described`);
  return operation as Described;
};

const validate = async (document: object) =>
  new Validator().validate(structuredClone(document) as Record<string, unknown>);

describe('the OpenAPI description', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    expect(await validate(api)).toMatchObject({ valid: true });
  });
  test('would not be with a fault in it', async () => {
    expect(await validate({ ...api, info: { title: 'x' } })).toMatchObject({ valid: false });
    expect(await validate({ ...api, paths: { 'no-slash': {} } })).toMatchObject({ valid: false });
  });
  test('has every reference in itself', () => {
    const references = [...new Set(JSON.stringify(api).match(/#\/components\/[^"]+/g))];
    for (const reference of references) {
      const [, , kind = '', name = ''] = reference.split('/');
      expect(Object.keys((api.components as Record<string, object>)[kind] ?? {}), reference).toContain(name);
    }
    expect(references.length).toBeGreaterThan(20);
  });
  test('has every status of the table of errors, and no other error', () => {
    const statuses = (Object.keys(errorRetry) as ErrorCode[]).map(
      (code) => toErrorResponse(new ServiceError(code)).status,
    );
    // A path cannot list the methods that it does not have: 405 stands in the introduction.
    const expected = [...new Set(statuses)].filter((status) => status !== 405).toSorted();
    expect(Object.keys(api.components.responses).map(Number)).toEqual(expected);
    expect(api.info.description).toContain('405');
  });
  test('has each operation once under an id of its own', () => {
    const ids = Object.values(api.paths).flatMap((path) =>
      Object.values(path).map((operation) => (operation as Described).operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });
  test('is what /openapi.json answers', async () => {
    const answer = await createTestApi().send(apiEvent('GET', '/fhir/openapi.json'));
    expect(JSON.parse(answer.body ?? '')).toEqual(JSON.parse(JSON.stringify(api)));
  });
});

describe.each(listEndpoints(routes).map((endpoint) => [endpoint.method, endpoint.route.template, endpoint] as const))(
  '%s %s',
  (method, template, { route }) => {
    test('is described, with its parameters, its token and its errors', () => {
      const { parameters, responses, security } = find(method, template);
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath).toEqual(template.match(/\{\w+\}/g) ?? []);
      expect(security).toEqual(route.access === 'public' ? [] : [{ token: [] }]);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '406', '413', '500', '503']));
      expect(Object.hasOwn(responses, '401')).toBe(route.access === 'token');
    });
  },
);

test.each(routes.flatMap(({ template, methods }) => (Object.hasOwn(methods, 'GET') ? [template] : [])))(
  'HEAD %s has the statuses of GET, without content and redirects to it',
  (template) => {
    const { responses } = find('HEAD', template);
    const ofGet = Object.keys(find('GET', template).responses);
    expect(Object.keys(responses)).toEqual(ofGet.filter((status) => status !== '302'));
    for (const response of Object.values(responses)) expect(response).not.toHaveProperty('content');
  },
);

describe('request headers that decide about an answer are described where they do', () => {
  const namesOf = (method: string, template: string) =>
    find(method, template).parameters.flatMap(({ name, in: where }) => (where === 'header' ? [name] : []));
  test.each([
    ['GET', '/Binary/{id}', 'If-None-Match'],
    ['GET', '/Binary/{id}/_history/{vid}', 'If-None-Match'],
    ['DELETE', '/Binary/{id}', 'If-Match'],
    ['POST', '/$execute-patient-usage-stats', 'Idempotency-Key'],
    ['POST', '/$schedule-patient-usage-stats', 'Idempotency-Key'],
    ['GET', '/metadata', 'If-None-Match'],
  ])('%s %s: %s', (method, template, header) => {
    expect(namesOf(method, template)).toEqual([header]);
  });
  test('and nowhere else', () => {
    expect(namesOf('POST', '/$fetch-patient-usage-stats')).toEqual([]);
    expect(namesOf('GET', '/$get-report-job-status')).toEqual([]);
  });
});

describe('the check of every answer against the description', () => {
  const answer = {
    method: 'GET',
    path: '/metadata',
    status: 304,
    headers: { etag: 'W/"1"', 'x-request-id': '1' },
    body: '',
  };
  test('passes what is described', async () => {
    await expect(checkAnswer(answer)).resolves.toBeUndefined();
  });
  test.each<[string, object]>([
    ['a status', { status: 418 }],
    ['a header', { headers: { 'x-new': '1' } }],
    ['a content type', { status: 200, headers: { 'content-type': 'text/html' } }],
  ])('refuses %s that is not', async (_what, own) => {
    await expect(checkAnswer({ ...answer, ...own })).rejects.toThrow('not in the OpenAPI description');
  });
  test('refuses FHIR JSON that is not valid', async () => {
    const body = '{"resourceType":"CapabilityStatement"}';
    const headers = { 'content-type': 'application/fhir+json; charset=UTF-8' };
    await expect(checkAnswer({ ...answer, status: 200, headers, body })).rejects.toThrow('not valid FHIR R4');
  });
});
