import * as v from 'valibot';

/** The process environment, or what stands in for it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings are missing or unusable: the Lambda must not start. Lists every problem at once; never repeats a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One line a problem: `NAME: what is wrong`. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** A whole number given as text, within bounds, with a default for a variable that is absent. */
export const wholeNumber = (bounds: { readonly min: number; readonly max: number; readonly fallback: number }) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,12}$/, 'must be a whole number'),
      v.transform(Number),
      v.minValue(bounds.min, `must be at least ${bounds.min}`),
      v.maxValue(bounds.max, `must be at most ${bounds.max}`),
    ),
    String(bounds.fallback),
  );

/** A text that must be there and not be empty. */
export const requiredText = v.pipe(v.string('is missing'), v.trim(), v.nonEmpty('is empty'));

/**
 * Reads settings after one schema and returns them typed.
 *
 * @throws ConfigError naming every variable that is missing or wrong.
 */
export const readConfig = <Schema extends v.GenericSchema>(
  schema: Schema,
  environment: Environment,
): v.InferOutput<Schema> => {
  const result = v.safeParse(schema, environment);
  if (result.success) return result.output;
  throw new ConfigError(
    result.issues.map((issue) => {
      const name = v.getDotPath(issue) ?? 'configuration';
      const missing = issue.received === 'undefined' ? 'is missing' : issue.message;
      return `${name}: ${missing}`;
    }),
  );
};
