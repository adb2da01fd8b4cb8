import { reports } from '../reports/catalogue.ts';
import type { ReportDefinition } from '../reports/report-definition.ts';
import { createDeleteBinary, type DeleteDependencies } from './operations/delete-binary.ts';
import { createGetReportJobStatus, type JobStatusDependencies } from './operations/get-report-job-status.ts';
import { createExecuteReport, type OrderDependencies } from './operations/order-report.ts';
import { createReadBinary, type ReadDependencies } from './operations/read-binary.ts';
import { createReadBinaryHistory } from './operations/read-binary-history.ts';
import { createRefusedMode } from './operations/refuse-mode.ts';
import { guard, type Route } from './route.ts';

/** What the operations need, all together. */
export type RouteDependencies = OrderDependencies & ReadDependencies & DeleteDependencies & JobStatusDependencies;

const reportRoutes = (dependencies: RouteDependencies, report: ReportDefinition): readonly Route[] =>
  Object.entries({
    [`execute-${report.operation}`]: createExecuteReport(dependencies, report),
    [`schedule-${report.operation}`]: createRefusedMode('schedule', report),
    [`fetch-${report.operation}`]: createRefusedMode('fetch', report),
  }).map(([name, operation]) => guard(`$${name}`, `/$${name}`, { POST: operation }));

/** Every route of the service. */
export const createRoutes = (dependencies: RouteDependencies): readonly Route[] => {
  const status = createGetReportJobStatus(dependencies);
  const read = createReadBinary(dependencies);
  const history = createReadBinaryHistory(dependencies);
  const remove = createDeleteBinary(dependencies);
  return [
    ...reports.flatMap((report) => reportRoutes(dependencies, report)),
    guard('$get-report-job-status', '/$get-report-job-status', { GET: status, POST: status }),
    guard('Binary', '/Binary/{id}', { GET: read, DELETE: remove }),
    guard('Binary history', '/Binary/{id}/_history', { GET: history }),
    guard('Binary version', '/Binary/{id}/_history/{vid}', { GET: read }),
  ];
};
