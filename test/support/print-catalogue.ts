import { readFileSync } from 'node:fs';
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

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('Usage: npm run --silent catalogue -- <report of vitest --reporter=json>\n');
  process.exit(2);
}
const report = JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
const document = readFileSync(new URL('../../docs/hostile-world.md', import.meta.url), 'utf8');
const rows = answerCatalogue(readCatalogue(document), resultsIn(report));
const count = (answer: AnsweredRow['answer']): number => rows.filter((row) => row.answer === answer).length;
const lines = ['row  answer  tests  the first of them', ...rows.map(describeRow)];
const summary = `Catalogue: ${rows.length} rows, ${count('passed')} passed, ${count('failed')} failed, ${count('reason')} with a reason, ${count('without')} without an answer`;
process.stdout.write(`${[...lines, '', summary].join('\n')}\n`);
process.exitCode = count('failed') + count('without') === 0 ? 0 : 1;
