import type { Instant } from './fhir-date-time.ts';

/** The clock of whoever exports or loads a data set may be so much ahead of ours, in milliseconds. */
const mostAhead = 15 * 60_000;

/** The clock of whoever reads a data set may be so much behind that of whoever let it in, in milliseconds. */
const mostBehind = 45 * 60_000;

/**
 * Whether a data set is not to be let in, since its cut-off is still to come by more than clocks differ. Episodes without an end last until
 * the cut-off, so months that have not been would be counted; and no import could become current until then.
 *
 * @param now milliseconds since the epoch
 */
export const isAhead = (cutOff: Instant, now: number): boolean => cutOff.millis > now + mostAhead;

/**
 * Whether a data set that was let in is not to be read for that: it never was to be let in, whoever's clock is right. It is an hour, so that
 * no container whose clock is behind fails a report, for good, of what an import or a load has taken.
 *
 * @param now milliseconds since the epoch
 */
export const isFarAhead = (cutOff: Instant, now: number): boolean => cutOff.millis > now + mostAhead + mostBehind;
