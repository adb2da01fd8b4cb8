import { cpus, loadavg, totalmem } from 'node:os';
import type { Judgement } from './gates.ts';
import type { Summary } from './summary.ts';

/** Four digits tell what can be told: 12345, 123.4, 12.34, 1.234; whole numbers stay whole. */
export const describeNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) + 1))));

/** The quartiles and, in brackets, the extremes; nothing for a value that stands alone. */
export const describeSpread = ({ lowerQuartile, upperQuartile, least, greatest, count }: Summary): string =>
  count === 1
    ? ''
    : `${describeNumber(lowerQuartile)} to ${describeNumber(upperQuartile)} (${describeNumber(least)} to ${describeNumber(greatest)}), n ${count}`;

const describeLimit = ({ gate, limit }: Judgement): string =>
  gate === undefined || limit === undefined
    ? ''
    : `${gate.direction === 'at-most' ? '≤' : '≥'} ${describeNumber(limit)}`;

const header = ['figure', 'gate', 'median', 'unit', 'quartiles (extremes)', 'verdict'];

/** A table of figures, one a line, aligned for a terminal and readable as Markdown; below it, why verdicts are withheld. */
export const describeResults = (judgements: readonly Judgement[]): string => {
  const rows = judgements.map((judgement) => {
    const { figure, verdict } = judgement;
    const { name, unit, summary } = figure;
    const told = verdict === 'unjudged' ? '' : verdict;
    return [name, describeLimit(judgement), describeNumber(summary.median), unit, describeSpread(summary), told];
  });
  const widths = header.map((title, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0), title.length),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const doubts = new Set(judgements.filter(({ verdict }) => verdict === 'withheld').map(({ figure }) => figure.doubt));
  return [line(header), rule, ...rows.map(line), ...[...doubts].map((doubt) => `Judgement withheld: ${doubt}.`)].join(
    '\n',
  );
};

/** What the figures come from: day, processor, memory, Node, and how busy the machine is. */
export const describeMachine = (): string => {
  const cores = cpus();
  const [load = 0] = loadavg();
  return `${new Date().toISOString()}, ${cores.length} × ${cores[0]?.model.trim() || process.arch}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, load ${load.toFixed(1)}`;
};
