import type { TenantId } from '../auth/tenant.ts';
import type { ManifestFile } from './manifest.ts';

/** One NDJSON file of a data set. */
export interface DataSetFile {
  /** The file's key relative to the tenant's prefix, as the manifest gives it. Safe to show: it names no patient. */
  readonly name: string;
  /** Stored size in bytes. */
  readonly bytes: number;
  /** Number of resources, where the manifest gives it. */
  readonly count?: number;
  /** SHA-256 of the stored bytes in lower-case hex, where the manifest gives it. */
  readonly sha256?: string;
  /**
   * The stored bytes, plain or gzip as they lie there, in order. May be called again for a second reading.
   *
   * @throws ServiceError `DATA_SET_CHANGED` when the file or the whole data set was replaced since it was opened,
   *   `DATA_SET_INCOMPLETE` when the file is gone, `GENERAL_DEPENDENCY_UNAVAILABLE` when the store does not give all of it;
   *   the signal's reason when it is aborted.
   */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A file as it was when its data set was opened: only that version is read. */
export interface PinnedFile extends DataSetFile {
  /** The store's own mark of the version: what has the same name and the same mark has the same bytes (S3: the ETag). */
  readonly version: string;
}

/** What one completed export left: a cut-off and its files. A run reads one data set and nothing newer (invariant I10). */
export interface DataSet {
  /** The store's own mark of the manifest's version. */
  readonly version: string;
  /** The data cut-off: the export's `transactionTime`, a FHIR instant as the manifest gives it. */
  readonly transactionTime: string;
  /** Files with EpisodeOfCare resources, in manifest order. */
  readonly files: readonly PinnedFile[];
}

/** Where tenants' data sets are. */
export interface DataSetSource {
  /**
   * The tenant's current data set: the manifest is read once, every file is pinned.
   *
   * @param admit is told what the manifest names, before any of it is looked at; what it throws ends the opening
   * @throws ServiceError `DATA_SET_MISSING` without a manifest, `DATA_SET_MALFORMED` for one that cannot be read,
   *   `DATA_SET_INCOMPLETE` when it names a file that is not there or has another size, or when its export reported errors,
   *   `DATA_SET_TOO_LARGE` past a limit, `DATA_SET_UNSUPPORTED` for one of another format, `DATA_SET_CHANGED` when a file is newer than it,
   *   `GENERAL_DEPENDENCY_UNAVAILABLE` when the store does not answer; the signal's reason when it is aborted.
   */
  openCurrent(
    tenantId: TenantId,
    signal: AbortSignal,
    admit?: (named: readonly ManifestFile[]) => void,
  ): Promise<DataSet>;
}
