import type { OperationDefinition } from '../../fhir/operation-definition.ts';
import { type Endpoint, findInteraction, findOperationCode } from '../interactions.ts';
import { mostJobs } from '../operations/get-report-job-status.ts';
import { fhirContent } from './components.ts';
import { type ErrorStatus, referToErrors } from './errors.ts';
import { describeSuccesses } from './successes.ts';

const isOrder = (code: string | undefined): boolean => /^(?:execute|schedule)-/.test(code ?? '');

/** Statuses that follow from what the operation asks of a request. */
const errorsOf = (endpoint: Endpoint): readonly ErrorStatus[] => {
  const { route, method } = endpoint;
  const hasId = route.template.includes('{id}');
  if (route.access === 'public') return [...(hasId ? ([404] as const) : []), 406, 413, 500, 503];
  const operation = route.methods[method];
  return [
    400,
    401,
    403,
    ...(hasId ? ([404] as const) : []),
    406,
    ...(hasId || isOrder(findOperationCode(route)) ? ([410] as const) : []),
    ...(findInteraction(endpoint)?.code === 'delete' ? ([412] as const) : []),
    413,
    ...(operation?.readsBody === true ? ([415] as const) : []),
    421,
    ...(operation?.ordersReports === true ? ([422] as const) : []),
    429,
    500,
    503,
  ];
};

const pathParameters = (template: string) =>
  [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: name === 'vid' ? 'A version: 1, 2, …' : 'The logical id',
  }));

const optional = (name: string, description: string, where = 'header', schema: object = { type: 'string' }) => ({
  name,
  in: where,
  required: false,
  schema,
  description,
});

/** Request headers and query parameters that an operation looks at by itself; those of negotiation and the token stand elsewhere in the document. */
const ownParameters = (endpoint: Endpoint) => {
  const code = findInteraction(endpoint)?.code;
  if (endpoint.route.access === 'public' || code === 'read' || code === 'vread') {
    return [optional('If-None-Match', 'An ETag; where it is current the answer is 304')];
  }
  if (code === 'delete') return [optional('If-Match', 'An ETag; the deletion happens only where it is current')];
  const operation = findOperationCode(endpoint.route);
  if (operation === 'get-report-job-status') {
    return [
      optional('_count', 'The most jobs in one answer', 'query', { type: 'integer', minimum: 1, maximum: mostJobs }),
      optional('_cursor', 'From a `next` link: where to go on', 'query'),
    ];
  }
  if (!isOrder(operation)) return [];
  return [
    optional(
      'Idempotency-Key',
      'Up to 128 visible ASCII characters: the same key and body within 24 hours, the same Binary',
    ),
  ];
};

const exampleOf = ({ parameter }: OperationDefinition) => {
  const given = parameter.flatMap(({ name, use }) => (use === 'in' ? [{ name, valueString: 'ANONYMIZED' }] : []));
  // FHIR JSON has no empty arrays.
  return { resourceType: 'Parameters', ...(given.length === 0 ? {} : { parameter: given }) };
};

const bodyOf = ({ route, method }: Endpoint, definition: OperationDefinition | undefined) => {
  if (route.access === 'public' || method !== 'POST' || definition === undefined) return {};
  const required = definition.parameter.some(({ use, min }) => use === 'in' && min > 0);
  const content = {
    'application/fhir+json': { ...fhirContent('Parameters')['application/fhir+json'], example: exampleOf(definition) },
  };
  return { requestBody: { required, content } };
};

const securityOf = ({ route, method }: Endpoint) =>
  route.access === 'public'
    ? { security: [] }
    : { security: [{ token: [] }], 'x-required-role': route.methods[method]?.role ?? '' };

const toOperationId = (method: string, name: string): string =>
  method.toLowerCase() +
  name
    .split(/[^A-Za-z]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

/** An OpenAPI Operation Object for one method of one path. */
export const describeEndpoint = (endpoint: Endpoint, definitions: ReadonlyMap<string, OperationDefinition>) => {
  const { route, method } = endpoint;
  const definition = definitions.get(findOperationCode(route) ?? '');
  return {
    operationId: toOperationId(method, route.name),
    summary: definition?.title ?? route.methods[method]?.name ?? route.name,
    ...(definition === undefined ? {} : { description: definition.description }),
    ...securityOf(endpoint),
    parameters: [
      ...pathParameters(route.template),
      ...ownParameters(endpoint),
      { $ref: '#/components/parameters/format' },
      { $ref: '#/components/parameters/requestId' },
    ],
    ...bodyOf(endpoint, definition),
    responses: { ...describeSuccesses(endpoint), ...referToErrors(errorsOf(endpoint)) },
  };
};

/** An OpenAPI Operation Object in the form that HEAD has: everything but the bodies, and links to them. */
export const withoutBodies = (operation: ReturnType<typeof describeEndpoint>) => ({
  ...operation,
  operationId: operation.operationId.replace(/^get/, 'head'),
  responses: Object.fromEntries(
    Object.entries(operation.responses).flatMap(([status, response]) => {
      const { content: _left, ...rest } = response as { content?: object };
      return status === '302' ? [] : [[status, rest]];
    }),
  ),
});
