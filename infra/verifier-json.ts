const isStripped = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Takes away what could reach the prototype of an object. */
const strip = (_key: string, value: unknown): unknown => {
  if (isStripped(value)) {
    Reflect.deleteProperty(value, '__proto__');
    Reflect.deleteProperty(value, 'constructor');
  }
  return value;
};

/** One of the two names, or an escape that could spell one. */
const suspicious = /\\|__proto__|constructor/;

/** Whether a value is a JSON object: not an array, not null. */
export const isJsonObject = isStripped;

/**
 * JSON without members named `__proto__` and `constructor`, as `aws-jwt-verify` parses header and payload, in place of its own `safe-json-parse.js`
 * in the bundles. Where neither name stands in the text, nor a backslash, there is nothing to take away, and no function is called for each member.
 *
 * @throws SyntaxError when the text is not JSON
 */
export const safeJsonParse = (text: string): unknown =>
  suspicious.test(text) ? JSON.parse(text, strip) : JSON.parse(text);
