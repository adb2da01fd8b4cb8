import type { Caller } from '../auth/caller.ts';
import type { ApiRequest } from './api-request.ts';
import type { ApiResponse } from './api-response.ts';

/** A request that has passed every check that comes before an operation's own. */
export interface ApiCall {
  readonly request: ApiRequest;
  readonly caller: Caller;
  /** What the route's pattern captured, in order; as sent, so not to be trusted. */
  readonly captured: readonly string[];
  /** Aborted when the answer can no longer be waited for: work that goes on for seconds stops then. */
  readonly signal: AbortSignal;
}

/** What every operation has, whoever may call it. */
interface AnyOperation {
  /** How errors and logs call it: `$execute-patient-usage-stats`, `Binary read`. */
  readonly name: string;
  /** Checks that the wanted format can be served, before anything is looked up. */
  requireFormat(request: ApiRequest): void;
}

/** One interaction of the service, and what it asks of a request before it runs. */
export interface Operation extends AnyOperation {
  /** The role without which it is refused. */
  readonly role: string;
  /** Only users of the types that may order reports. */
  readonly ordersReports: boolean;
  /** Whether it reads a body, which then has to be FHIR JSON. */
  readonly readsBody: boolean;
  /** Checks the body and the caller's right to what it asks for, does the work and answers. */
  run(call: ApiCall): Promise<ApiResponse>;
}

/** An interaction that is open to everyone: it knows no caller, so that it can tell nobody anything of a tenant. */
export interface PublicOperation extends AnyOperation {
  /** What needs a role cannot be open to everyone. */
  readonly role?: never;
  /** A property and not a method, so that the compiler refuses one that wants a caller. */
  readonly run: (call: Omit<ApiCall, 'caller' | 'signal'>) => Promise<ApiResponse>;
}
