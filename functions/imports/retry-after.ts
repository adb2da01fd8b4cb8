/**
 * The pause that a `Retry-After` header asks for, in milliseconds: seconds or an HTTP date (RFC 9110 section 10.2.3). Undefined where there
 * is none or it is neither; 0 for a date that has passed.
 */
export const readRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Of the three forms of an HTTP date, the one that may be sent: `Sun, 06 Nov 1994 08:49:37 GMT`.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? undefined : Math.max(millis - now, 0);
};

/** From one look at an export to the next, in milliseconds: what the server asks for, within bounds; half a minute where it asks for nothing. */
export const pollPause = (wish: number | undefined): number => Math.min(Math.max(wish ?? 30_000, 1_000), 10 * 60_000);
