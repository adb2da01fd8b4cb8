import { expect, test } from 'vitest';
import { findInteraction, findOperationCode, listEndpoints } from '../../functions/api/interactions.ts';
import { createRoutes, type RouteDependencies } from '../../functions/api/routes.ts';

const endpoints = listEndpoints(createRoutes({ baseUrl: 'https://reporting.example/fhir' } as RouteDependencies));

test('every method of every path is an interaction, an operation or one of three documents', () => {
  const table = endpoints.map((endpoint) => {
    const { resource, code } = findInteraction(endpoint) ?? {};
    const meaning = code === undefined ? findOperationCode(endpoint.route) : `${resource} ${code}`;
    return [`${endpoint.method} ${endpoint.route.template}`, meaning];
  });
  expect(Object.fromEntries(table)).toEqual({
    'POST /$execute-patient-usage-stats': 'execute-patient-usage-stats',
    'POST /$schedule-patient-usage-stats': 'schedule-patient-usage-stats',
    'POST /$fetch-patient-usage-stats': 'fetch-patient-usage-stats',
    'GET /$get-report-job-status': 'get-report-job-status',
    'POST /$get-report-job-status': 'get-report-job-status',
    'GET /Binary/{id}': 'Binary read',
    'DELETE /Binary/{id}': 'Binary delete',
    'GET /Binary/{id}/_history': 'Binary history-instance',
    'GET /Binary/{id}/_history/{vid}': 'Binary vread',
    'GET /OperationDefinition/{id}': 'OperationDefinition read',
    'GET /OperationDefinition': undefined,
    'GET /metadata': undefined,
    'GET /openapi.json': undefined,
  });
});
