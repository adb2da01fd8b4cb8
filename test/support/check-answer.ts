import { gunzipSync } from 'node:zlib';
import { describeApi } from '../../functions/api/openapi/describe-api.ts';
import type { Method } from '../../functions/api/route.ts';
import { createRoutes, type RouteDependencies } from '../../functions/api/routes.ts';
import { validateResource } from './validate-resource.ts';

/** An answer of the service, as anybody got it. */
export interface SeenAnswer {
  readonly method: string;
  /** Below the base, decoded, without a query. */
  readonly path: string;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** As text, unpacked; empty where there is none. */
  readonly body: string;
}

interface DescribedResponse {
  readonly $ref?: string;
  readonly headers?: object;
  readonly content?: object;
}

const baseUrl = 'https://reporting.example/fhir';
/** The table is asked what there is, never to do anything: it needs nothing but the address. */
const routes = createRoutes({ baseUrl } as RouteDependencies);
const api = describeApi(routes, baseUrl);

/** Headers that belong to the transport, and `content-type`, which stands in an OpenAPI document under `content`. */
const undescribed: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
]);

const findDescription = ({ method, path }: SeenAnswer) => {
  const route = routes.find(({ pattern }) => pattern.test(path));
  const known = method === 'HEAD' ? 'GET' : method;
  if (route === undefined || !Object.hasOwn(route.methods, known as Method)) return undefined;
  const operation = api.paths[route.template]?.[method.toLowerCase()];
  return { template: route.template, responses: (operation as { responses?: object } | undefined)?.responses ?? {} };
};

/** What an answer has that `/openapi.json` does not tell. Paths and methods that the service does not have need not stand there. */
const listUndescribed = (answer: SeenAnswer): readonly string[] => {
  const description = findDescription(answer);
  if (description === undefined) return [];
  const where = `${answer.method} ${description.template} ${answer.status}`;
  const responses = description.responses as Readonly<Record<string, DescribedResponse>>;
  const found = responses[answer.status];
  if (found === undefined) return [where];
  const components = api.components.responses as Readonly<Record<string, DescribedResponse>>;
  const { headers = {}, content = {} } = (found.$ref === undefined ? found : components[answer.status]) ?? {};
  const names = Object.keys(answer.headers).filter((name) => !undescribed.has(name) && !Object.hasOwn(headers, name));
  const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  const isTypeMissing = type !== '' && answer.method !== 'HEAD' && !Object.hasOwn(content, type);
  return [...names.map((name) => `${where} header ${name}`), ...(isTypeMissing ? [`${where} content ${type}`] : [])];
};

/** The text of a body as the gateway hands it on. */
export const readBodyText = (body: string, isBase64Encoded: boolean, encoding: unknown): string => {
  if (body === '') return '';
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
};

/** Bodies that were found valid: most answers of a run are refusals that look alike. */
const validBodies = new Set<string>();

/**
 * Checks an answer that left the service, whatever the test that saw it is about: FHIR JSON is valid R4, and path, method, status,
 * headers and content type stand in the OpenAPI description.
 *
 * @throws Error that lists what is wrong
 */
export const checkAnswer = async (answer: SeenAnswer): Promise<void> => {
  const missing = listUndescribed(answer);
  if (missing.length > 0) throw new Error(`not in the OpenAPI description: ${missing.join('; ')}`);
  const isFhir = String(answer.headers['content-type'] ?? '').startsWith('application/fhir+json');
  if (!isFhir || answer.body === '' || validBodies.has(answer.body)) return;
  await validateResource(JSON.parse(answer.body));
  if (answer.body.length < 1000) validBodies.add(answer.body);
};
