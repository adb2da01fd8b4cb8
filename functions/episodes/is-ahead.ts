import type { Instant } from './fhir-date-time.ts';

/** The clock of whoever exports or loads a data set may be so much ahead of ours, in milliseconds. */
const mostAhead = 15 * 60_000;

/**
 * Whether a data cut-off is still to come, by more than clocks differ. Episodes without an end last until the cut-off, so months that
 * have not been would be counted; and no import could become current until then.
 *
 * @param now milliseconds since the epoch
 */
export const isAhead = (cutOff: Instant, now: number): boolean => cutOff.millis > now + mostAhead;
