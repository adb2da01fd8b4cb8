/** Orders are tallied in windows of this length, in milliseconds. */
const windowLength = 5000;

/** No job is open for longer, in milliseconds (3 days): what still stands in the index then has been forgotten there. */
export const longestOpen = 3 * 24 * 60 * 60_000;

/**
 * What is known of a tenant's orders of one mode without asking the index of its open jobs, which lags behind. Every admitted order adds
 * to `taken`; nothing takes from it but a recount. So it is never less than what was admitted and is open.
 */
export interface OrderTally {
  /** At least as many as there are open jobs. */
  readonly taken: number;
  /** The order that was last added. Two tallies with the same are the same one. */
  readonly writer: string;
  /** Admitted orders by the window that they were created in. */
  readonly windows: ReadonlyMap<number, number>;
}

/** The window that a time lies in. */
export const windowOf = (now: number): number => Math.floor(now / windowLength);

/**
 * Jobs created before this are counted in the index, which shows them by now; later ones in the tally. Between 5 and 10 s before `now`.
 */
export const recentFrom = (now: number): number => (windowOf(now) - 1) * windowLength;

/** The windows of a tally that are not left to the index; also the next one, for orders taken by a clock that is ahead. */
const recentWindows = ({ windows }: OrderTally, now: number): ReadonlyMap<number, number> =>
  new Map([...windows].filter(([window]) => Math.abs(window - windowOf(now)) <= 1));

/** Orders that were admitted since {@link recentFrom}, whatever has become of them. */
export const countRecent = (tally: OrderTally, now: number): number =>
  [...recentWindows(tally, now).values()].reduce((sum, count) => sum + count, 0);

/**
 * The tally after a recount, with one order more that is admitted by it.
 *
 * @param open jobs that the index shows to be open, created before {@link recentFrom}
 * @param order who is admitted, and when
 */
export const recount = (
  tally: OrderTally,
  open: number,
  { now, writer }: { readonly now: number; readonly writer: string },
): OrderTally => {
  const windows = new Map(recentWindows(tally, now));
  windows.set(windowOf(now), (windows.get(windowOf(now)) ?? 0) + 1);
  return { taken: open + countRecent(tally, now) + 1, writer, windows };
};
