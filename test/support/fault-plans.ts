/** What becomes of a request on its way to the server, or of the answer on its way back. */
export type Fault =
  /** The connection is reset; the server hears nothing. */
  | { readonly kind: 'reset' }
  /** The server has done it; then the connection is reset, without a byte of the answer. */
  | { readonly kind: 'lose-answer' }
  /** The connection stays open and nothing ever comes; the server hears nothing. */
  | { readonly kind: 'blackhole' }
  /** The request reaches the server only after this time. */
  | { readonly kind: 'delay'; readonly millis: number }
  /** So many bytes of the body pass, then the connection is reset. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** So many bytes of the body pass, then silence. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** The body comes in pieces of so many bytes, one in so much time. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly millis: number }
  /** The body ends after so many bytes, and the answer's length says that this is all. */
  | { readonly kind: 'shorten'; readonly afterBytes: number }
  /** One byte of the body is another. */
  | { readonly kind: 'garble'; readonly at: number }
  /** The proxy answers in place of the server. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string };

/** A fault, and which requests it befalls: those that have everything that is given here. */
export interface FaultPlan {
  readonly fault: Fault;
  /** Of DynamoDB and SQS the action (`UpdateItem`), of S3 the method. */
  readonly operation?: string;
  readonly pathEnd?: string;
  /** `used`: only on a connection over which a request has come before. */
  readonly connection?: 'new' | 'used';
  /** So many of them are let through first. Default 0. */
  readonly skip?: number;
  /** So many are befallen after that. Default: all. */
  readonly times?: number;
}

/** A request that came by. */
export interface SeenRequest {
  readonly operation: string;
  /** Without query. */
  readonly path: string;
  readonly range: string | undefined;
  readonly connection: 'new' | 'used';
}

/** Plans in the order in which they were made, and how often each was met. */
export interface FaultPlans {
  add(plan: FaultPlan): void;
  clear(): void;
  /** The fault that befalls this request, if any. */
  faultOf(seen: SeenRequest): Fault | undefined;
}

/** No plans yet. */
export const createFaultPlans = (): FaultPlans => {
  let plans: { readonly plan: FaultPlan; met: number }[] = [];
  const fits = ({ operation, pathEnd = '', connection }: FaultPlan, seen: SeenRequest): boolean =>
    (operation === undefined || operation === seen.operation) &&
    (connection === undefined || connection === seen.connection) &&
    seen.path.endsWith(pathEnd);
  return {
    add: (plan: FaultPlan) => void plans.push({ plan, met: 0 }),
    clear: () => {
      plans = [];
    },
    faultOf(seen: SeenRequest): Fault | undefined {
      for (const entry of plans) {
        const { skip = 0, times = Number.POSITIVE_INFINITY, fault } = entry.plan;
        if (!fits(entry.plan, seen) || entry.met >= skip + times) continue;
        entry.met += 1;
        if (entry.met > skip) return fault;
      }
      return undefined;
    },
  };
};
