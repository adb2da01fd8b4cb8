import type { Import, ImportSummary } from '../functions/imports/import.ts';

const instant = (millis: number): string => new Date(millis).toISOString().slice(0, 19).concat('Z');

/** Where an import stands, in one line: state, how far it is, what keeps it from getting on. */
export const describeImport = ({
  state,
  progress,
  plan,
  cursor,
  segments,
  restarts,
  problem,
  failure,
}: Import): string => {
  const episodes = segments.reduce((sum, { count }) => sum + count, 0);
  const parts = [
    state,
    ...(progress === undefined ? [] : [`the server says: ${progress}`]),
    ...(plan === undefined ? [] : [`${cursor?.file ?? 0} of ${plan.files} files read, ${episodes} episodes stored`]),
    ...(restarts === 0 ? [] : [`begun anew ${restarts} times`]),
    ...[problem, failure].flatMap((one) => (one === undefined ? [] : [`${one.code}: ${one.cause}`])),
  ];
  return parts.join(', ');
};

const describePrevious = ({ begun, ended, state, transactionTime, failure }: ImportSummary): string => {
  const why = failure === undefined ? '' : `  ${failure.code}: ${failure.cause}`;
  return `${instant(begun)}  ${instant(ended)}  ${state.padEnd(9)}  ${transactionTime ?? '-'}${why}`;
};

/** A tenant's imports, the latest first: begun, ended, state, data cut-off, reason. */
export const describeImports = (latest: Import): string => {
  const { begun, ended, deadline, due, tidied, plan, previous } = latest;
  const end = ended === undefined ? `to end by ${instant(deadline)}` : `ended ${instant(ended)}`;
  const step = tidied === true ? 'what is no longer needed is removed, or looked at again,' : 'next step';
  const next = due === undefined ? '' : `, ${step} ${instant(due)}`;
  return [
    `begun ${instant(begun)}, ${end}${next}, data cut-off ${plan?.transactionTime ?? 'not known yet'}`,
    `  ${describeImport(latest)}`,
    ...(previous.length === 0 ? [] : ['', 'before that: begun, ended, state, data cut-off, reason']),
    ...previous.map((one) => `  ${describePrevious(one)}`),
  ].join('\n');
};
