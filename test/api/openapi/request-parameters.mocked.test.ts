import { describe, expect, test, vi } from 'vitest';
import type { ApiRequest } from '../../../functions/api/api-request.ts';
import { listEndpoints } from '../../../functions/api/interactions.ts';
import { describeApi } from '../../../functions/api/openapi/describe-api.ts';
import { createRoutes, type RouteDependencies } from '../../../functions/api/routes.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi, resourceOf } from '../../support/create-test-api.ts';
import { contractOrder } from '../../support/fhir-client.ts';

/** What each request was asked for: `GET /metadata header if-none-match`. */
const asked = vi.hoisted(() => new Set<string>());

vi.mock('../../../functions/api/api-request.ts', async (load) => {
  const original = await load<typeof import('../../../functions/api/api-request.ts')>();
  return {
    ...original,
    readApiRequest: (...call: Parameters<typeof original.readApiRequest>): ApiRequest => {
      const request = original.readApiRequest(...call);
      const note = (where: string, name: string) => asked.add(`${request.method} ${request.path} ${where} ${name}`);
      return {
        ...request,
        header: (name) => {
          note('header', name);
          return request.header(name);
        },
        query: (name) => {
          note('query', name);
          return request.query(name);
        },
      };
    },
  };
});

/** The token and what negotiation looks at: they stand elsewhere in an OpenAPI document, or are part of HTTP itself. */
const ambient = new Set(['authorization', 'content-type', 'content-encoding', 'accept-encoding']);

const baseUrl = 'https://reporting.example/fhir';
const routes = createRoutes({ baseUrl } as RouteDependencies);
const described = describeApi(routes, baseUrl);

const describedFor = (method: string, template: string): readonly string[] => {
  const operation = described.paths[template]?.[method.toLowerCase()];
  const { parameters } = operation as { parameters: readonly { in?: string; name?: string }[] };
  return parameters
    .flatMap(({ in: where, name = '' }) =>
      where === 'header' || where === 'query' ? [`${where} ${name.toLowerCase()}`] : [],
    )
    .toSorted();
};

const askedOf = (method: string, pattern: RegExp): readonly string[] => {
  const names = [...asked].flatMap((line) => {
    const [itsMethod, path = '', where, name = ''] = line.split(' ');
    return itsMethod === method && pattern.test(path) && !ambient.has(name) ? [`${where} ${name}`] : [];
  });
  return [...new Set(names)].toSorted();
};

/** Every method of every path once, with success. */
const callEverything = async () => {
  const api = createTestApi();
  const headers = { authorization: 'Bearer owner', 'content-type': 'application/fhir+json', accept: '*/*' };
  const call = (method: string, path: string, body?: string) =>
    api.send(apiEvent(method, `/fhir${path}`, { headers, ...(body && { body }) }));
  const placed = await call('POST', '/$execute-patient-usage-stats', contractOrder);
  const { id } = resourceOf<{ id: string }>(placed);
  const rest = listEndpoints(routes).filter(({ route }) => route.template !== '/$execute-patient-usage-stats');
  // Last of all what makes the others answer 410.
  for (const { method, route } of rest.toSorted((one) => (one.method === 'DELETE' ? 1 : -1))) {
    const ofDefinition = route.template.startsWith('/OperationDefinition');
    const path = route.template.replace('{id}', ofDefinition ? '-s-get-report-job-status' : id).replace('{vid}', '1');
    await call(method, path, route.template.startsWith('/$get') || method !== 'POST' ? undefined : contractOrder);
  }
};

describe('what an operation reads of a request beyond token, types and body is in the OpenAPI description, and nothing else', async () => {
  await callEverything();
  test.each(listEndpoints(routes).map(({ method, route }) => [method, route.template, route.pattern] as const))(
    '%s %s',
    (method, template, pattern) => {
      expect(askedOf(method, pattern)).toEqual(describedFor(method, template));
    },
  );
});

test('the record is not empty', () => {
  expect(asked.size).toBeGreaterThan(20);
});
