import { ServiceError } from '../platform/service-error.ts';
import type { Caller } from './caller.ts';

/**
 * Passes when the tenant is served by the region that is asked. To be called with a verified caller only: to everybody else a tenant of
 * another region looks like any other.
 *
 * @throws ServiceError `GENERAL_MISDIRECTED_REQUEST`, with the right address where the tenant's record has it.
 */
export const requireHomeRegion = ({ tenant }: Pick<Caller, 'tenant'>): void => {
  if (tenant.elsewhere !== true) return;
  const { regionBaseUrl } = tenant;
  const cause = regionBaseUrl === undefined ? {} : { cause: `Send the request to ${regionBaseUrl} instead.` };
  throw new ServiceError('GENERAL_MISDIRECTED_REQUEST', { ...cause, reason: 'region' });
};

/** The user types that may order reports. */
const orderingUserTypes: ReadonlySet<string> = new Set(['PRACTITIONER', 'SYSTEM']);

/**
 * Passes when the caller has the role, compared to the letter.
 *
 * @param operation what the caller asked for, as the contract names it: `$execute-patient-usage-stats`, `Binary read`.
 * @throws ServiceError `SECURITY_TOKEN_INSUFFICIENT_PERMISSION` naming the operation and the missing role.
 */
export const requireRole = (caller: Pick<Caller, 'roles'>, role: string, operation: string): void => {
  if (caller.roles.has(role)) return;
  throw new ServiceError('SECURITY_TOKEN_INSUFFICIENT_PERMISSION', { args: [operation, role], reason: 'role' });
};

/**
 * Passes when the caller is of a type that may order reports: `PRACTITIONER` or `SYSTEM`, to the letter.
 *
 * @throws ServiceError `SECURITY_TOKEN_INSUFFICIENT_PERMISSION` naming the operation and the types that may.
 */
export const requireUserType = (caller: Pick<Caller, 'userType'>, operation: string): void => {
  if (orderingUserTypes.has(caller.userType)) return;
  const missing = `user_type ${[...orderingUserTypes].join(' or ')}`;
  throw new ServiceError('SECURITY_TOKEN_INSUFFICIENT_PERMISSION', { args: [operation, missing], reason: 'user-type' });
};
