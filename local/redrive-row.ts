/** What becomes of one dead letter or one failed job. */
export interface RedriveRow {
  /** What it is about, by opaque ids. */
  readonly what: readonly string[];
  /** `nothing`: it is left as it is, and that is right. `failed`: it could not be done. */
  readonly outcome: 'queue' | 'reopen' | 'delete' | 'keep' | 'nothing' | 'failed';
  /** Why, or what went wrong. */
  readonly why: string;
}

/** A time span for people: `4 s`, `12 min`, `3 h`, `2 d`. */
export const describeAge = (millis: number): string => {
  const seconds = Math.max(Math.round(millis / 1000), 0);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
};

/** Columns as wide as their widest cell, two spaces apart. */
export const formatTable = (lines: readonly (readonly string[])[]): string => {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** The rows under their headings. */
export const formatRows = (headings: readonly string[], rows: readonly RedriveRow[]): string =>
  formatTable([[...headings, 'then'], ...rows.map(({ what, outcome, why }) => [...what, `${outcome}: ${why}`])]);

/** How many rows there are of each outcome: `2 to queue, 1 to keep`, or, once it was done, `2 queue, 1 keep`. */
export const summarise = (rows: readonly RedriveRow[]): string => {
  const counts = new Map<string, number>();
  for (const { outcome } of rows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${outcome} ${count}`).join(', ') || 'nothing';
};
