import * as v from 'valibot';

const severities = ['fatal', 'error', 'warning', 'information'] as const;

/** FHIR R4, value set issue-type. */
const issueTypes: ReadonlySet<string> = new Set(
  [
    'invalid structure required value invariant',
    'security login unknown expired forbidden suppressed',
    'processing not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict',
    'transient lock-error no-store exception timeout incomplete throttled',
    'informational',
  ].flatMap((branch) => branch.split(' ')),
);

/** A code that is not R4's may be one of a later version, or a patient's name: nobody is told which. */
const issueType = v.pipe(
  v.string(),
  v.transform((code) => (issueTypes.has(code) ? code : 'other')),
);

const schema = v.object({
  resourceType: v.literal('OperationOutcome'),
  issue: v.pipe(v.array(v.object({ severity: v.picklist(severities), code: issueType })), v.minLength(1)),
});

/** What is taken over of an OperationOutcome that a server wrote: codes of R4's own lists, `other` for another code, and no text. */
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
