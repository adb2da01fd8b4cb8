/**
 * Why a step of an import did not get on, as a closed set. `later`: the step is worth a further attempt as it stands; `never`: it needs
 * another configuration, another export or an operator. Nobody but operators sees them: no client waits for an import.
 */
export const importRetry = {
  /** The server, or the network before it, did not answer or said that it cannot now (429, 5xx, `transient`). */
  EXPORT_UNAVAILABLE: 'later',
  /** The server refused the export (other 4xx, or an answer outside the protocol). */
  EXPORT_REFUSED: 'never',
  /** The server no longer knows the export: another one is begun. */
  EXPORT_GONE: 'later',
  /** There is not a single episode in it. */
  EXPORT_EMPTY: 'never',
  /** The export's own report of errors says that resources are missing. */
  EXPORT_HAS_ERRORS: 'never',
  SIGN_IN_REFUSED: 'later',
  SECRET_UNUSABLE: 'never',
  /** A private or reserved address, or one that is not https. */
  ADDRESS_REFUSED: 'never',
  /** A host that the tenant's record does not allow. */
  HOST_NOT_ALLOWED: 'never',
  REDIRECT_REFUSED: 'never',
  MANIFEST_UNUSABLE: 'never',
  /** A file is not there any more, or its link has run out: the manifest is asked for once more. */
  FILE_GONE: 'later',
  /** A file is cut off. */
  FILE_INCOMPLETE: 'later',
  /** A file has not as many lines as the manifest says: all are read once more. */
  FILE_MISCOUNTED: 'later',
  /** A file is another one than when its reading was begun: it is begun again. */
  FILE_CHANGED: 'later',
  /** A file comes so slowly that the time of a run is not enough to get further with it. */
  FILE_SLOW: 'later',
  /** A file is not NDJSON of EpisodeOfCare resources, nor a Binary that holds it. */
  FILE_UNUSABLE: 'never',
  /** A file unpacks to far more than it is: a decompression bomb. */
  FILE_INFLATES: 'never',
  TOO_LARGE: 'never',
  /** The current data set is newer than the export. */
  DATA_SET_NEWER: 'never',
  /** Another data set was made current in the same moment. */
  DATA_SET_CHANGED: 'later',
  TENANT_NOT_IMPORTING: 'never',
  /** S3, DynamoDB or the secret store did not answer or refused. */
  DEPENDENCY: 'later',
  DEADLINE_PASSED: 'never',
  ATTEMPTS_EXHAUSTED: 'never',
  FAULT: 'later',
} as const satisfies Record<string, 'never' | 'later'>;

/** One code of the closed set. */
export type ImportProblemCode = keyof typeof importRetry;

/** What an operator is told of a problem. */
export interface ImportProblem {
  readonly code: ImportProblemCode;
  /** One sentence in our own words: which file by its number, which status, which limit. Nothing that a server wrote. */
  readonly cause: string;
}

/** A step of an import cannot go on. */
export class ImportError extends Error implements ImportProblem {
  override readonly name = 'ImportError';
  readonly code: ImportProblemCode;
  override readonly cause: string;
  /** The server's own wish, in milliseconds from now, where it gave one. */
  readonly retryAfter: number | undefined;

  constructor(code: ImportProblemCode, cause: string, retryAfter?: number) {
    super(`${code}: ${cause}`);
    this.code = code;
    this.cause = cause;
    this.retryAfter = retryAfter;
  }

  /** Whether a further attempt can help, as the code says. */
  get retry(): 'never' | 'later' {
    return importRetry[this.code];
  }
}
