import { readFileSync } from 'node:fs';
import { CommandError, readArguments, runCommand, UsageError } from '../../local/command-line.ts';
import { type AnsweredRow, answerCatalogue, readCatalogue, type TestResult } from './catalogue.ts';

/** What is read of the report of `vitest --reporter=json`. */
interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** Tests that were left out of the run say nothing. */
const resultsIn = ({ testResults }: VitestReport): readonly TestResult[] =>
  testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ ancestorTitles, title, status }) => ({ titles: [...ancestorTitles, title], passed: status === 'passed' }));

const describeRow = ({ id, what, answer, tests, reason }: AnsweredRow): string => {
  const first = tests.find(({ passed }) => passed === (answer === 'passed'));
  const shown = reason ?? first?.titles.filter((title) => title !== '').join(' › ') ?? what;
  return `${id.padEnd(4)} ${answer.padEnd(8)} ${String(tests.length).padStart(4)}  ${shown}`;
};

const usage = `npm run --silent catalogue -- <report of vitest --reporter=json>

Joins the rows of docs/hostile-world.md with a run of the tests. Exit code 1 for a row that failed, or that has no answer.`;

/** @throws CommandError when the file is no report */
const readResults = (path: string): readonly TestResult[] => {
  try {
    return resultsIn(JSON.parse(readFileSync(path, 'utf8')) as VitestReport);
  } catch {
    throw new CommandError(`${path} is no report of a test run: npm test -- --reporter=json --outputFile.json=<file>`);
  }
};

await runCommand(usage, async () => {
  const [path, ...more] = readArguments({}, true).positionals;
  if (path === undefined || more.length > 0) throw new UsageError('One report has to be named');
  const document = readFileSync(new URL('../../docs/hostile-world.md', import.meta.url), 'utf8');
  const rows = answerCatalogue(readCatalogue(document), readResults(path));
  const count = (answer: AnsweredRow['answer']): number => rows.filter((row) => row.answer === answer).length;
  const lines = ['row  answer  tests  the first of them', ...rows.map(describeRow)];
  const summary = `Catalogue: ${rows.length} rows, ${count('passed')} passed, ${count('failed')} failed, ${count('reason')} with a reason, ${count('without')} without an answer`;
  process.stdout.write(`${[...lines, '', summary].join('\n')}\n`);
  if (count('failed') + count('without') > 0) process.exitCode = 1;
});
