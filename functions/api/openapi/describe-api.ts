import { listEndpoints } from '../interactions.ts';
import { describeOperations } from '../operation-definitions.ts';
import { publish } from '../publish.ts';
import type { Route } from '../route.ts';
import { headers, schemas } from './components.ts';
import { describeEndpoint, withoutBodies } from './describe-endpoint.ts';
import { errorResponses } from './errors.ts';

const introduction =
  'Orders reports and reads them, over FHIR R4. Everything below the base asks for a token, also paths that do not exist; only the paths that describe the service do not. A path that is not listed is answered 404, a method that is not listed 405 with `Allow`. Every error is an OperationOutcome as FHIR JSON, whatever was asked for. `$` and `%24` in a path are the same; a slash at the end is tolerated.';

const parameters = {
  format: {
    name: '_format',
    in: 'query',
    required: false,
    schema: { type: 'string' },
    description: '`json` or a JSON media type; wins over Accept',
  },
  requestId: {
    name: 'X-Request-Id',
    in: 'header',
    required: false,
    schema: { type: 'string', pattern: '^[A-Za-z0-9.-]{1,64}$' },
    description: 'Comes back in the answer and stands in the logs; one of another form is replaced',
  },
} as const;

const describePaths = (routes: readonly Route[], baseUrl: string) => {
  const definitions = new Map(describeOperations(publish(baseUrl)).map((definition) => [definition.code, definition]));
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of listEndpoints(routes)) {
    const operation = describeEndpoint(endpoint, definitions);
    const { template } = endpoint.route;
    paths[template] = {
      ...paths[template],
      [endpoint.method.toLowerCase()]: operation,
      ...(endpoint.method === 'GET' ? { head: withoutBodies(operation) } : {}),
    };
  }
  return paths;
};

/** An OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1) of everything in the table of routes. */
export const describeApi = (routes: readonly Route[], baseUrl: string) => {
  const { product } = publish(baseUrl);
  return {
    openapi: '3.1.1',
    info: { title: product.name, version: product.version, description: introduction },
    servers: [{ url: baseUrl }],
    paths: describePaths(routes, baseUrl),
    components: {
      schemas,
      headers,
      parameters,
      responses: errorResponses,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: "Signed by the tenant's OpenID issuer; `x-required-role` names the role that it needs",
        },
      },
    },
  };
};
