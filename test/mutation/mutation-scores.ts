import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';

/** What tells a mutant from all others of its file. */
export const identifyMutant = ({ mutatorName, replacement, location: { start, end } }: MutantResult): string =>
  JSON.stringify([start.line, start.column, end.line, end.column, mutatorName, replacement]);

/** Whether no test noticed a mutant. */
export const isUnnoticed = ({ status }: MutantResult): boolean => status === 'Survived' || status === 'NoCoverage';

/** Where a mutant is, as a pattern of files to mutate. Stryker counts lines from 0, but in patterns from 1. */
export const rangeOf = ({ fileName, location: { start, end } }: MutantResult): string =>
  `${fileName}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;

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

/** A file's line in the table: how many mutants there were, how many were noticed, and the share in percent. */
const describeFile = (file: string, mutants: readonly MutantResult[]): string => {
  const unnoticed = mutants.filter(isUnnoticed).length;
  const counted = mutants.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError').length;
  const share = counted === 0 ? '' : ((100 * (counted - unnoticed)) / counted).toFixed(1);
  return `${share.padStart(6)} %  ${String(counted).padStart(5)} mutants  ${String(unnoticed).padStart(4)} survive  ${file}`;
};

const describeSurvivor = ({ fileName, location: { start }, mutatorName, replacement }: MutantResult): string =>
  `${relative('.', fileName)}:${start.line + 1}:${start.column + 1} ${mutatorName}: ${replacement.replace(/\s+/g, ' ').slice(0, 120)}`;

/** The survivors one by one, then scores by file, the least first, and of all. A mutant that ends in a time-out was noticed. */
export const describeScores = (mutants: readonly MutantResult[]): string => {
  const byFile = [...Map.groupBy(mutants, ({ fileName }) => fileName)].map(([file, of]) =>
    describeFile(relative('.', file), of),
  );
  const survivors = mutants.filter(isUnnoticed).map(describeSurvivor);
  return [...survivors, '', ...byFile.sort(), describeFile('all', mutants)].join('\n');
};
