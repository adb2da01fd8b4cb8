import { reports } from '../reports/catalogue.ts';
import type { ReportDefinition } from '../reports/report-definition.ts';
import { createDeleteBinary, type DeleteDependencies } from './operations/delete-binary.ts';
import { createFetchReport, type FetchDependencies } from './operations/fetch-report.ts';
import { createGetReportJobStatus, type JobStatusDependencies } from './operations/get-report-job-status.ts';
import { createOrderReport, type OrderDependencies } from './operations/order-report.ts';
import { createReadBinary, type ReadDependencies } from './operations/read-binary.ts';
import { createReadBinaryHistory } from './operations/read-binary-history.ts';
import { createReadCapabilityStatement } from './operations/read-capability-statement.ts';
import { createReadOpenApi } from './operations/read-openapi.ts';
import { createReadOperationDefinition } from './operations/read-operation-definition.ts';
import { createSearchOperationDefinitions } from './operations/search-operation-definitions.ts';
import { guard, type Route, waiveToken } from './route.ts';

/** What the operations need, all together. */
export type RouteDependencies = OrderDependencies &
  FetchDependencies &
  ReadDependencies &
  DeleteDependencies &
  JobStatusDependencies;

const reportRoutes = (dependencies: RouteDependencies, report: ReportDefinition): readonly Route[] =>
  Object.entries({
    [`execute-${report.operation}`]: createOrderReport(dependencies, report, 'execute'),
    [`schedule-${report.operation}`]: createOrderReport(dependencies, report, 'schedule'),
    [`fetch-${report.operation}`]: createFetchReport(dependencies, report),
  }).map(([name, operation]) => guard(`$${name}`, `/$${name}`, { POST: operation }));

/** What the service tells everyone about itself; the same for every tenant. */
const publicRoutes = (routes: () => readonly Route[], baseUrl: string): readonly Route[] => [
  waiveToken('metadata', '/metadata', { GET: createReadCapabilityStatement(routes, baseUrl) }),
  waiveToken('OperationDefinition', '/OperationDefinition/{id}', { GET: createReadOperationDefinition(baseUrl) }),
  waiveToken('OperationDefinitions', '/OperationDefinition', { GET: createSearchOperationDefinitions(baseUrl) }),
  waiveToken('openapi.json', '/openapi.json', { GET: createReadOpenApi(routes, baseUrl) }),
];

/** Every route of the service. */
export const createRoutes = (dependencies: RouteDependencies): readonly Route[] => {
  const status = createGetReportJobStatus(dependencies);
  const read = createReadBinary(dependencies);
  const history = createReadBinaryHistory(dependencies);
  const remove = createDeleteBinary(dependencies);
  const routes: readonly Route[] = [
    ...reports.flatMap((report) => reportRoutes(dependencies, report)),
    guard('$get-report-job-status', '/$get-report-job-status', { GET: status, POST: status }),
    guard('Binary', '/Binary/{id}', { GET: read, DELETE: remove }),
    guard('Binary history', '/Binary/{id}/_history', { GET: history }),
    guard('Binary version', '/Binary/{id}/_history/{vid}', { GET: read }),
    ...publicRoutes(() => routes, dependencies.baseUrl),
  ];
  return routes;
};
