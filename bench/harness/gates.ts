import * as v from 'valibot';
import gateFile from '../gates.json' with { type: 'json' };
import type { Figure } from './figure.ts';

const gateSchema = v.strictObject({
  /** The name of the figure that it judges. */
  name: v.pipe(v.string(), v.minLength(1)),
  direction: v.picklist(['at-most', 'at-least']),
  limit: v.number(),
  /** How many times worse the figure of a quick run may be; left out, a quick run does not judge it. */
  quickMargin: v.optional(v.pipe(v.number(), v.minValue(1))),
  /** What the gate is for, in a few words. */
  about: v.pipe(v.string(), v.minLength(1)),
});

const schema = v.record(v.string(), v.array(gateSchema));

/** A limit for the median of a figure. */
export type Gate = v.InferOutput<typeof gateSchema>;

/** Whether a figure keeps its gate. Withheld: the run cannot say. Unjudged: there is no gate, or none for a quick run. */
export type Verdict = 'kept' | 'missed' | 'withheld' | 'unjudged';

/** A figure with its gate, the limit that counts in this run, and what it comes to. */
export interface Judgement {
  readonly figure: Figure;
  readonly gate: Gate | undefined;
  readonly limit: number | undefined;
  readonly verdict: Verdict;
}

/**
 * The gates of an experiment, from `bench/gates.json`.
 *
 * @throws Error that names what is wrong with the file
 */
export const readGates = (experiment: string, file: unknown = gateFile): readonly Gate[] => {
  const read = v.safeParse(schema, file);
  if (!read.success) {
    const problems = read.issues.map((issue) => `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
    throw new Error(`bench/gates.json cannot be used: ${problems.join('; ')}`);
  }
  return read.output[experiment] ?? [];
};

/** The limit of a gate, loosened by its margin in a quick run; nothing where that does not judge. */
const limitOf = ({ limit, direction, quickMargin }: Gate, isQuick: boolean): number | undefined => {
  if (!isQuick) return limit;
  if (quickMargin === undefined) return undefined;
  return direction === 'at-most' ? limit * quickMargin : limit / quickMargin;
};

const judgeOne = (figure: Figure, gate: Gate | undefined, isQuick: boolean): Judgement => {
  const limit = gate && limitOf(gate, isQuick);
  if (gate === undefined || limit === undefined) return { figure, gate, limit, verdict: 'unjudged' };
  if (figure.doubt !== undefined) return { figure, gate, limit, verdict: 'withheld' };
  const { median } = figure.summary;
  const isKept = gate.direction === 'at-most' ? median <= limit : median >= limit;
  return { figure, gate, limit, verdict: isKept ? 'kept' : 'missed' };
};

/**
 * Judges figures by their gates.
 *
 * @throws Error when a gate has no figure: what is no longer measured would else count as kept
 */
export const judge = (figures: readonly Figure[], gates: readonly Gate[], isQuick: boolean): readonly Judgement[] => {
  const unmeasured = gates.filter(
    (gate) => limitOf(gate, isQuick) !== undefined && !figures.some(({ name }) => name === gate.name),
  );
  if (unmeasured.length > 0)
    throw new Error(`gates without a figure: ${unmeasured.map(({ name }) => name).join(', ')}`);
  return figures.map((figure) =>
    judgeOne(
      figure,
      gates.find(({ name }) => name === figure.name),
      isQuick,
    ),
  );
};
