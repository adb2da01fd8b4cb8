const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether JSON is nested deeper than a number of levels, before anything parses or walks it. Counts brackets outside of strings: right for
 * JSON; for anything else it does not matter, since that does not parse.
 */
export const isNestedDeeper = (json: string, levels: number): boolean => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charCodeAt(at);
    if (inString) {
      if (char === backslash) at += 1;
      else if (char === quote) inString = false;
    } else if (char === quote) inString = true;
    else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
};
