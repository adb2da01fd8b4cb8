import type { Interaction } from '../../fhir/capability-statement.ts';
import { type Endpoint, findInteraction, findOperationCode } from '../interactions.ts';
import { fhirContent, type HeaderName, referToHeaders } from './components.ts';

const response = (description: string, names: readonly HeaderName[], content: object, isPublic = false) => ({
  description,
  headers: referToHeaders(names, isPublic),
  content,
});

const json: readonly HeaderName[] = ['vary', 'content-encoding'];
const version: readonly HeaderName[] = ['content-location', 'last-modified', 'etag', 'retry-after'];

const notModified = (names: readonly HeaderName[], isPublic = false) => ({
  304: {
    description: 'The version that If-None-Match names is the current one',
    headers: referToHeaders(names, isPublic),
  },
});

const placed = () => ({
  200: response(
    'The new Binary in version 1, whose content is a placeholder',
    [...json, 'location', 'content-location', 'last-modified', 'retry-after'],
    fhirContent('Binary'),
  ),
});

const byMode = {
  execute: placed,
  schedule: placed,
  fetch: () => ({ 200: response('The report as a Binary that is not stored', json, fhirContent('Binary')) }),
  get: () => ({ 200: response("The caller's jobs, newest first", [...json, 'retry-after'], fhirContent('Bundle')) }),
} as const;

const readBinary = () => ({
  200: response(
    'The resource where a FHIR type is asked for, else the content itself',
    [...json, ...version, 'content-disposition'],
    {
      ...fhirContent('Binary'),
      'application/gzip-json': {},
      'text/plain': {},
    },
  ),
  302: {
    description: 'Content that is too large for an answer: where it can be fetched for a short time, without a token',
    headers: referToHeaders([...version, 'vary', 'location']),
  },
  ...notModified([...version, 'vary']),
});

const ofBinary = {
  read: readBinary,
  vread: readBinary,
  'history-instance': () => ({
    200: response('A Bundle with every version, newest first', [...json, 'retry-after'], fhirContent('Bundle')),
  }),
  delete: () => ({ 200: response('Nothing of it is left', json, fhirContent('OperationOutcome')) }),
} as const satisfies Record<Interaction['code'], () => object>;

const publicContent = (template: string): object => {
  if (template === '/metadata') return fhirContent('CapabilityStatement');
  if (template === '/OperationDefinition') return fhirContent('Bundle');
  if (template === '/OperationDefinition/{id}') return fhirContent('OperationDefinition');
  return { 'application/json': {} };
};

/** The answers to a method of a path that are not errors. */
export const describeSuccesses = (endpoint: Endpoint): object => {
  const { route } = endpoint;
  if (route.access === 'public') {
    const ok = response('The document', [...json, 'etag'], publicContent(route.template), true);
    return { 200: ok, ...notModified(['etag', 'vary'], true) };
  }
  const [mode = ''] = findOperationCode(route)?.split('-') ?? [];
  if (Object.hasOwn(byMode, mode)) return byMode[mode as keyof typeof byMode]();
  const interaction = findInteraction(endpoint);
  if (interaction === undefined) throw new TypeError('a path without a description');
  return ofBinary[interaction.code]();
};
