/** A row of `docs/hostile-world.md`. */
export interface CatalogueRow {
  /** `T1`, `H70`, `A26`. */
  readonly id: string;
  /** What comes, or what breaks. */
  readonly what: string;
  /** Why it has no test here; absent for all that have to have one. */
  readonly reason?: string;
}

/** One test of a finished run. */
export interface TestResult {
  /** Of its groups from the outermost on, and its own. */
  readonly titles: readonly string[];
  readonly passed: boolean;
}

/** A row and what the tests say of it. */
export interface AnsweredRow extends CatalogueRow {
  readonly tests: readonly TestResult[];
  /** `without`: no test names it, and no reason is given. */
  readonly answer: 'passed' | 'failed' | 'reason' | 'without';
}

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of the document, in its order. */
export const readCatalogue = (document: string): readonly CatalogueRow[] => {
  const [tables = '', untested = ''] = document.split('## Not tested here');
  const rowsIn = (text: string) =>
    text
      .split('\n')
      .filter((line) => /^\| [THA]\d+ \|/.test(line))
      .map(cellsOf);
  const reasons = new Map(rowsIn(untested).map(([id = '', reason = '']) => [id, reason]));
  return rowsIn(tables).map(([id = '', what = '']) => {
    const reason = reasons.get(id);
    return { id, what, ...(reason !== undefined && { reason }) };
  });
};

const expand = (range: string): readonly string[] => {
  const [first = '', last = first] = range.split('–');
  const [from, to] = [Number(first.slice(1)), Number(last.slice(1))];
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, at) => `${first[0]}${from + at}`);
};

/** The rows that a title begins with: `A6: …`, `A6, A34: …`, `A20–A26: …`. */
export const rowsOfTitle = (title: string): readonly string[] => {
  const [, list = ''] = /^([THA]\d+(?:(?:, |–)[THA]\d+)*): /.exec(title) ?? [];
  return list === '' ? [] : list.split(', ').flatMap(expand);
};

/** The titles in a test's source, as they are written there: what `rowsOfTitle` finds in a run, without a run. */
export const titlesInSource = (source: string): readonly string[] =>
  [...source.matchAll(/['"`]([THA]\d+(?:(?:, |–)[THA]\d+)*: .*)/g)].map(([, title = '']) => title);

const answerOf = (row: CatalogueRow, tests: readonly TestResult[]): AnsweredRow['answer'] => {
  if (tests.some(({ passed }) => !passed)) return 'failed';
  if (tests.length > 0) return 'passed';
  return row.reason === undefined ? 'without' : 'reason';
};

/** Each row with the tests that name it, in a title of their own or of a group. */
export const answerCatalogue = (
  rows: readonly CatalogueRow[],
  results: readonly TestResult[],
): readonly AnsweredRow[] => {
  const named = results.map((result) => ({ result, ids: new Set(result.titles.flatMap(rowsOfTitle)) }));
  return rows.map((row) => {
    const tests = named.flatMap(({ result, ids }) => (ids.has(row.id) ? [result] : []));
    return { ...row, tests, answer: answerOf(row, tests) };
  });
};
