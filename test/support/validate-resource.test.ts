import { describe, expect, test } from 'vitest';
import { validateResource } from './validate-resource.ts';

const uuid = 'ce35bcd5-4bb2-4c6e-b230-5347df1fe9bc';
const outcome = (own: object) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'invalid', ...own }],
});
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const binary = (own: object) => ({ resourceType: 'Binary', id: '1', contentType: 'text/plain', ...own });
const bundle = (own: object) => ({ resourceType: 'Bundle', type: 'collection', ...own });

describe('the check of resources passes', () => {
  test.each<[string, object]>([
    ['an outcome', outcome({ diagnostics: 'text', details: { coding: [{ system: 'urn:x', code: 'y' }] } })],
    ['an empty collection', bundle({})],
    ['a Binary', binary({ data: 'Kk5P', meta: { versionId: '1', lastUpdated: '2026-04-16T11:44:11.919+00:00' } })],
    [
      "a job by its bare UUID, FUT's own deviation",
      bundle({
        entry: [
          { fullUrl: uuid, resource: { ...parameters(), parameter: [{ name: 'a', valueString: 'b' }], id: uuid } },
        ],
      }),
    ],
  ])('%s', async (_what, resource) => {
    await expect(validateResource(resource)).resolves.toBeUndefined();
  });
});

describe('the check of resources refuses', () => {
  test.each<[string, unknown]>([
    ['what is no object', 'text'],
    ['what has no type', { id: '1' }],
    ['a type that is no answer of this service', { resourceType: 'Patient' }],
    ['a missing mandatory element', { resourceType: 'Binary', id: '1' }],
    ['an element of another type', binary({ id: 7 })],
    ['an element that R4 does not know', outcome({ reason: 'x' })],
    ['a code outside of its value set', outcome({ code: 'nonsense' })],
    ['a severity outside of its value set', outcome({ severity: 'errors' })],
    ['an empty list', { resourceType: 'OperationOutcome', issue: [] }],
    ['an empty text', outcome({ diagnostics: '' })],
    ['null', outcome({ details: null })],
    ['an empty object', outcome({ details: {} })],
    ['an id that is none', binary({ id: 'a b' })],
    ['an instant without a time', binary({ meta: { lastUpdated: '2026-04-16' } })],
    ['a dateTime with a blank', parameters({ name: 'x', valueDateTime: '2023-10-12 09:51' })],
    ['data that is not base64', binary({ data: '***' })],
    ['two values in one parameter', parameters({ name: 'x', valueString: 'a', valueInteger: 1 })],
    ['a parameter with neither value nor part', parameters({ name: 'x' })],
    ['a fault in a contained resource', parameters({ name: 'x', resource: outcome({ code: 'nonsense' }) })],
    ['a fault in an entry', bundle({ entry: [{ resource: { resourceType: 'Binary' } }] })],
    ['a total where there is none', bundle({ total: 1 })],
    [
      'a history without requests',
      bundle({ type: 'history', entry: [{ fullUrl: 'http://x/Binary/1', resource: binary({}) }] }),
    ],
    ['a relative fullUrl', bundle({ entry: [{ fullUrl: 'Binary/1', resource: binary({}) }] })],
    ['a bare UUID that is not the job', bundle({ entry: [{ fullUrl: uuid, resource: binary({ id: uuid }) }] })],
    [
      'a FHIR version that is none',
      {
        resourceType: 'CapabilityStatement',
        status: 'active',
        kind: 'instance',
        date: '2026',
        fhirVersion: '9.9.9',
        format: ['json'],
        rest: [{ mode: 'server' }],
        implementation: { description: 'x' },
      },
    ],
  ])('%s', async (_what, resource) => {
    await expect(validateResource(resource)).rejects.toThrow('not valid FHIR R4');
  });
});
