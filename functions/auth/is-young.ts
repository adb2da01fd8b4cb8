/**
 * Whether less than `limit` milliseconds have passed since an instant. `false` without one, and when it lies in the future: a clock that
 * was set back makes things old, not young for ever.
 */
export const isYoung = (since: number | undefined, limit: number, now: number): boolean =>
  since !== undefined && now >= since && now - since < limit;
