/** What a client knows of one report that it has ordered: what the service told it, and nothing else. */
export interface RememberedOrder {
  readonly tenant: string;
  readonly user: string;
  readonly binaryId: string;
  /** The highest version that was seen as the current one. */
  current: number;
  /** SHA-256 of the bytes of each version that was read, by its number. */
  readonly digests: Map<number, string>;
  /** How the job ended, as far as the client was told by the Binary. */
  told?: 'report' | 'failure';
  /** `confirmed` once DELETE was answered 200, or a read 410. */
  deleted: 'no' | 'asked' | 'confirmed';
}

/** What all clients of the soak remember. */
export interface Ledger {
  /** By Binary id: every order that was answered 200. */
  readonly orders: Map<string, RememberedOrder>;
  /** The Binary ids that orders with one idempotency key were answered with, by tenant, user and key. */
  readonly keys: Map<string, Set<string>>;
  /** Orders answered 5xx or not at all: whether there is a job is not known, also where the order was then repeated. */
  unanswered: number;
  /** What no client should ever see, in words; the first of each kind counts on. */
  readonly surprises: Map<string, number>;
  /** The distinct summaries in finished reports, by tenant. */
  readonly summaries: Map<string, Set<string>>;
  /** Milliseconds from each order to its answer. */
  readonly orderMillis: number[];
  /** Milliseconds from each answer to the first sight of the report. */
  readonly reportMillis: number[];
  /** How often each status was answered. */
  readonly statuses: Map<number, number>;
}

/** A ledger in which nothing stands yet. */
export const openLedger = (): Ledger => ({
  orders: new Map(),
  keys: new Map(),
  unanswered: 0,
  surprises: new Map(),
  summaries: new Map(),
  orderMillis: [],
  reportMillis: [],
  statuses: new Map(),
});

/** One more of a kind. */
export const count = <Kind>(counts: Map<Kind, number>, kind: Kind): void => {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
};

/** One more value in the set of a name. */
export const addTo = (sets: Map<string, Set<string>>, name: string, value: string): void => {
  sets.set(name, (sets.get(name) ?? new Set()).add(value));
};

/** Notes an order that was answered 200, and that it is deleted where it was before. */
export const remember = (ledger: Ledger, tenant: string, user: string, binaryId: string): RememberedOrder => {
  const known = ledger.orders.get(binaryId);
  const order: RememberedOrder = known ?? { tenant, user, binaryId, current: 1, digests: new Map(), deleted: 'no' };
  ledger.orders.set(binaryId, order);
  return order;
};

/** Notes the bytes of a version. What was read before must be the same (I2). */
export const noteDigest = (ledger: Ledger, order: RememberedOrder, version: number, sha256: string): void => {
  const before = order.digests.get(version);
  if (before === undefined) order.digests.set(version, sha256);
  else if (before !== sha256) count(ledger.surprises, `version ${version} has changed (I2)`);
};

/** Notes which version is current. It never goes back (I11). */
export const noteCurrent = (ledger: Ledger, order: RememberedOrder, version: number): void => {
  if (version < order.current)
    count(ledger.surprises, `version ${order.current} was current, and then ${version} (I11)`);
  order.current = Math.max(order.current, version);
};
