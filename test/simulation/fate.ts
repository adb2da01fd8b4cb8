/** What may befall one call of a port. */
export const faultKinds = [
  'fail-before', // refused, or lost on the way there: nothing is applied
  'answer-lost', // applied, but the answer is lost
  'unreachable', // this call and the next ones of the process fail, so that retries do too
  'silence', // applied, the answer is lost, and the next calls of the process fail: nothing is known
  'crash-before',
  'crash-after',
  'slow', // applied late, perhaps after its caller has given up
  'slow-answer',
  'freeze', // the process stands still, timers too, and then goes on as if nothing had happened
  'clock-jump',
] as const;

/** One of the kinds of faults of a call. */
export type FaultKind = (typeof faultKinds)[number];

/** What becomes of one call of a port. Times in milliseconds. */
export interface Fate {
  /** Until it is applied. */
  readonly before: number;
  /** From then until its answer is there. */
  readonly after: number;
  readonly end: 'answered' | 'failed' | 'refused' | 'lost' | 'crash-before' | 'crash-after';
  /** How many of the process's next calls fail. */
  readonly failsNext?: number;
  /** The process stands still for so long once it was applied. */
  readonly freeze?: number;
  /** The process's clock is off by so much from then on. */
  readonly clockOffset?: number;
}

/** A call of a port, as far as its fate may depend on it. */
export interface PortCall {
  /** Of all calls of the run, from 1 on. */
  readonly index: number;
  /** `api`, `worker`, `dispatcher`. */
  readonly role: string;
  /** `dynamodb`, `s3-content`, `s3-data`, `sqs`, `tenants`. */
  readonly service: string;
  /** The SDK's command, or the method. */
  readonly operation: string;
}

/** Where the fates of calls come from. */
export interface Fates {
  of(call: PortCall): Fate;
}

/** A call of which nothing is to be said. */
export const calm: Fate = { before: 1, after: 0, end: 'answered' };
