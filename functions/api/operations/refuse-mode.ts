import { requireRole } from '../../auth/authorize.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { readParameters } from '../../fhir/parameters.ts';
import { type ErrorCode, ServiceError } from '../../platform/service-error.ts';
import type { ReportDefinition } from '../../reports/report-definition.ts';
import type { Operation } from '../operation.ts';

/** The two ways of ordering that are not offered yet, and the contract's refusal for each. */
const refusals = {
  schedule: 'REPORTING_SCHEDULE_NOT_ALLOWED',
  fetch: 'REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED',
} as const satisfies Record<string, ErrorCode>;

/**
 * `$schedule-…` and `$fetch-…` while the service does not offer them: every check of an order, then the contract's own refusal,
 * which clients know from tenants for whom the operation is switched off.
 */
export const createRefusedMode = (mode: keyof typeof refusals, report: ReportDefinition): Operation => {
  const name = `$${mode}-${report.operation}`;
  return {
    name,
    role: report.role,
    ordersReports: true,
    readsBody: true,
    requireFormat: ({ wish }) => requireFhirJson(wish),
    async run({ request, caller }) {
      const parameters = readParameters(request.readBody(), report.parameters, report.name);
      for (const role of report.additionalRoles(parameters)) requireRole(caller, role, name);
      throw new ServiceError(refusals[mode]);
    },
  };
};
