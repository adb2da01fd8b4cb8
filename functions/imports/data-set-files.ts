import type { TenantId } from '../auth/tenant.ts';

/** What stands before the names of everything that an import stores, or a load by hand: each has a folder of its own, by its id. */
export const importPrefix = (importId: string): string => `imports/${importId}`;

/** A tenant's manifest as it is now. */
export interface CurrentManifest {
  /** Tells it from any other. */
  readonly etag: string;
  readonly text: string;
  /** When it was put there, by the bucket's clock: milliseconds since the epoch, to the second. */
  readonly modified: number;
}

/**
 * What an import stores in the data bucket. Names are keys below the tenant's prefix.
 *
 * Every method throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` or `DEPENDENCY_*`.
 */
export interface DataSetFiles {
  /** Stores a file under a name that nothing else has. */
  put(tenantId: TenantId, name: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** A file that was stored, or undefined where it is not there. */
  get(tenantId: TenantId, name: string): Promise<string | undefined>;
  /** The manifest that makes a data set the current one, or undefined where the tenant has none. */
  readManifest(tenantId: TenantId): Promise<CurrentManifest | undefined>;
  /**
   * Makes a manifest the current one, in place of exactly the one that was seen.
   *
   * @returns false where it is another by now; nothing was written
   */
  publish(tenantId: TenantId, manifest: string, seen: CurrentManifest | undefined): Promise<boolean>;
  /** Ids of the imports and loads of which something is stored, in ascending order: oldest first. */
  listImports(tenantId: TenantId): Promise<readonly string[]>;
  /** Removes what an import stored, save the names that are kept; how many files that were. */
  removeImport(tenantId: TenantId, importId: string, kept: ReadonlySet<string>): Promise<number>;
}
