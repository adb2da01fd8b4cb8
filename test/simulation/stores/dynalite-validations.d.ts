declare module 'dynalite/validations/index.js' {
  /** Parses all expressions of a request and leaves the results in it; a text is what DynamoDB would refuse it with. */
  export function validateExpressions(request: Record<string, unknown>): string | null | undefined;
}
