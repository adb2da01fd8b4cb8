/** What a user was told of one version. */
export interface SeenVersion {
  readonly sha256: string;
  readonly contentType: string;
  readonly lastUpdated: string;
}

/** What a user knows of one of its Binaries. */
export interface KnownBinary {
  readonly binaryId: string;
  /** What was seen, by version. It has to look like that for ever. */
  readonly versions: Map<number, SeenVersion>;
  /** The highest version that was seen as the current one. */
  highest: number;
  /** A DELETE was sent, whatever became of it. */
  isDeleting: boolean;
  /** A DELETE was confirmed, or the Binary was answered 410. */
  isDeleted: boolean;
}

/** What was ordered with an Idempotency-Key. */
export interface KeyedOrder {
  /** Operations that were sent with it; which of them gets it is open until one is accepted. */
  readonly tried: Set<string>;
  /** The operation that was accepted, and the Binary that it was answered with. */
  accepted?: { readonly operation: string; readonly binaryId: string };
}

/** What a user was told so far; all of its tabs share it. */
export interface UserMemory {
  readonly tenant: string;
  readonly userId: string;
  /** Binaries of orders that were accepted. */
  readonly binaries: Map<string, KnownBinary>;
  /** By Idempotency-Key. */
  readonly orders: Map<string, KeyedOrder>;
}

/** A user who knows nothing. */
export const createUserMemory = (tenant: string, userId: string): UserMemory => ({
  tenant,
  userId,
  binaries: new Map(),
  orders: new Map(),
});

/** Takes note of an order that was accepted. */
export const remember = ({ binaries }: UserMemory, binaryId: string): KnownBinary => {
  const known = binaries.get(binaryId) ?? {
    binaryId,
    versions: new Map(),
    highest: 1,
    isDeleting: false,
    isDeleted: false,
  };
  binaries.set(binaryId, known);
  return known;
};
