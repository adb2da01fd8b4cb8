const longest = 100;

/**
 * What may be shown to an operator of a text that a server wrote (`X-Progress`): at most 100 characters (Bulk Data Access IG 2.0.0) of
 * letters, digits, blanks and `.,:%()+-`; a slash, as in a reference, is not among them. Undefined where nothing is left.
 */
export const toHarmlessText = (text: string | undefined): string | undefined => {
  const kept = (text ?? '')
    .replace(/[^A-Za-z0-9 .,:%()+-]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, longest);
  return kept === '' ? undefined : kept;
};
