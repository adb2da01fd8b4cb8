import type { TenantId } from '../auth/tenant.ts';
import type { Import } from './import.ts';

/** What became of a write. `conflict` is an ordinary outcome: somebody else wrote in between. It comes with the import as it is now. */
export type ImportTransition =
  | { readonly outcome: 'applied'; readonly import: Import }
  | { readonly outcome: 'conflict'; readonly import: Import | undefined };

/**
 * The imports of all tenants, one item each: the latest. Every write is one conditional write on the revision that was seen, so whoever
 * lost the lease, or works on an import that was called off, can record nothing more.
 * A write whose answer was lost is recognised as one's own and is `applied`.
 *
 * Every method throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` or `DEPENDENCY_*`; whether a write was applied is then unknown.
 */
export interface ImportStore {
  /** The tenant's latest import as it is now (strongly consistent), or undefined. */
  read(tenantId: TenantId): Promise<Import | undefined>;

  /** Records a new import in place of `before`. `conflict` unless that is still what is there, over and tidied up; or nothing is there. */
  begin(tenantId: TenantId, fresh: Import, before: Import | undefined): Promise<ImportTransition>;

  /** Makes an import that is exactly as it was seen what a transition made of it. Revision and writer are the store's to set. */
  replace(tenantId: TenantId, seen: Import, next: Import): Promise<ImportTransition>;
}

/** An import that has something to do. */
export interface DueImport {
  readonly tenantId: TenantId;
  readonly importId: string;
}

/** The view over all tenants, for the tick and for operators. A port of its own, so that nobody else has it. */
export interface ImportIndex {
  /** Imports that are due at `now`, the longest waiting first, at most `limit`. May lag behind the last writes by a moment. */
  findDue(now: number, limit: number): Promise<readonly DueImport[]>;
}
