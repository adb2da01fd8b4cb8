import { reports } from '../reports/catalogue.ts';
import type { ReportDefinition } from '../reports/report-definition.ts';
import type { Route } from './operation.ts';
import { createGetReportJobStatus, type JobStatusDependencies } from './operations/get-report-job-status.ts';
import { createExecuteReport, type OrderDependencies } from './operations/order-report.ts';
import { createReadBinary, type ReadDependencies } from './operations/read-binary.ts';
import { createRefusedMode } from './operations/refuse-mode.ts';

/** What the operations need, all together. */
export type RouteDependencies = OrderDependencies & ReadDependencies & JobStatusDependencies;

/** `$` and `%24` are the same route: the gateway decodes the path. A trailing slash is tolerated. */
const operationPattern = (name: string): RegExp => new RegExp(`^/\\$${name}/?$`);

const reportRoutes = (dependencies: RouteDependencies, report: ReportDefinition): readonly Route[] =>
  Object.entries({
    [`execute-${report.operation}`]: createExecuteReport(dependencies, report),
    [`schedule-${report.operation}`]: createRefusedMode('schedule', report),
    [`fetch-${report.operation}`]: createRefusedMode('fetch', report),
  }).map(([name, operation]) => ({ name: `$${name}`, pattern: operationPattern(name), methods: { POST: operation } }));

/** Every route of the service. */
export const createRoutes = (dependencies: RouteDependencies): readonly Route[] => {
  const status = createGetReportJobStatus(dependencies);
  const read = createReadBinary(dependencies);
  return [
    ...reports.flatMap((report) => reportRoutes(dependencies, report)),
    {
      name: '$get-report-job-status',
      pattern: operationPattern('get-report-job-status'),
      methods: { GET: status, POST: status },
    },
    { name: 'Binary', pattern: /^\/Binary\/([^/]+)\/?$/, methods: { GET: read } },
    { name: 'Binary version', pattern: /^\/Binary\/([^/]+)\/_history\/([^/]+)\/?$/, methods: { GET: read } },
  ];
};
