import { type Summary, summarise } from './summary.ts';

/** Something that an experiment has measured. */
export interface Figure {
  /** Its name; a gate of that name in `bench/gates.json` judges it. */
  readonly name: string;
  readonly unit: string;
  readonly summary: Summary;
  /** Why it is not to be judged, from a {@link checkItself | self-check}. */
  readonly doubt?: string | undefined;
}

/** A figure from its measurements; of a thing that does not vary (a size, a count), from its one value. */
export const figure = (name: string, unit: string, values: readonly number[], doubt?: string): Figure => ({
  name,
  unit,
  summary: summarise(values),
  doubt,
});
