import * as v from 'valibot';

const code = v.pipe(v.string(), v.regex(/^[a-z-]{1,32}$/));

const schema = v.object({
  resourceType: v.literal('OperationOutcome'),
  issue: v.pipe(v.array(v.object({ severity: code, code })), v.minLength(1)),
});

/** What is taken over of an OperationOutcome that a server wrote: codes of FHIR's own lists, and no text. */
export interface ServerOutcome {
  readonly issues: readonly { readonly severity: string; readonly code: string }[];
  /** It may pass by itself, as its codes say (`transient` and what is beneath it in FHIR's issue types). */
  readonly isTransient: boolean;
}

const transientCodes: ReadonlySet<string> = new Set([
  'transient',
  'lock-error',
  'no-store',
  'timeout',
  'incomplete',
  'throttled',
]);

/** The OperationOutcome in a JSON value, or undefined where it is none. */
export const readOutcome = (json: unknown): ServerOutcome | undefined => {
  const result = v.safeParse(schema, json);
  if (!result.success) return undefined;
  const issues = result.output.issue;
  return { issues, isTransient: issues.some((issue) => transientCodes.has(issue.code)) };
};

/** Its codes in a few words: `error/processing, warning/incomplete`. */
export const describeIssues = ({ issues }: ServerOutcome): string =>
  [...new Set(issues.map((issue) => `${issue.severity}/${issue.code}`))].slice(0, 5).join(', ');
