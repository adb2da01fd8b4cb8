import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';

/** What tells a mutant from all others of its file. */
export const identifyMutant = ({ mutatorName, replacement, location: { start, end } }: MutantResult): string =>
  JSON.stringify([start.line, start.column, end.line, end.column, mutatorName, replacement]);

/** Whether no test noticed a mutant. */
export const isUnnoticed = ({ status }: MutantResult): boolean => status === 'Survived' || status === 'NoCoverage';

/** Where a mutant is, as a pattern of files to mutate, in which Stryker counts columns from 0; in its results from 1. */
export const rangeOf = ({ fileName, location: { start, end } }: MutantResult): string =>
  `${fileName}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;

/** Mutants of the second look take the place of those of the first, where they were noticed. */
export const mergeLooks = (
  first: readonly MutantResult[],
  second: readonly MutantResult[],
): readonly MutantResult[] => {
  const noticed = new Map(
    second
      .filter(({ status }) => status === 'Killed' || status === 'Timeout')
      .map((mutant) => [identifyMutant(mutant), mutant]),
  );
  return first.map((mutant) => (isUnnoticed(mutant) ? (noticed.get(identifyMutant(mutant)) ?? mutant) : mutant));
};

/** A file's line in the table, as Stryker counts: mutants that a test noticed, in percent of those that ran. One that ends in a time-out was noticed; one with which the file cannot be loaded does not count. */
const describeFile = (file: string, mutants: readonly MutantResult[]): string => {
  const unnoticed = mutants.filter(isUnnoticed).length;
  const noticed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const counted = noticed + unnoticed;
  const share = counted === 0 ? '' : ((100 * noticed) / counted).toFixed(1);
  return `${share.padStart(6)} %  ${String(counted).padStart(5)} mutants  ${String(unnoticed).padStart(4)} survive  ${file}`;
};

/** A mutant in one line: where it is, counted from 1, and what stood there instead. */
export const describeSurvivor = ({ fileName, location: { start }, mutatorName, replacement }: MutantResult): string =>
  `${relative('.', fileName)}:${start.line}:${start.column} ${mutatorName}: ${replacement.replace(/\s+/g, ' ').slice(0, 120)}`;

/** The scores by file, the least first, and of all. */
export const describeScores = (mutants: readonly MutantResult[]): string => {
  const byFile = [...Map.groupBy(mutants, ({ fileName }) => fileName)].map(([file, of]) =>
    describeFile(relative('.', file), of),
  );
  return [...byFile.sort(), describeFile('all', mutants)].join('\n');
};
