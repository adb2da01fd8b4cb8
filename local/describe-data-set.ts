import { isFarAhead } from '../functions/episodes/is-ahead.ts';
import type { Import } from '../functions/imports/import.ts';
import { readCurrentDataSet } from '../functions/imports/stored-manifest.ts';
import { describeAge } from './redrive-row.ts';

/**
 * The data set in use, in one line: its cut-off, how old it is or that it is to come, how many files it has and where it comes from.
 *
 * @param manifest the text of the manifest in use; undefined where there is none
 * @param latest the tenant's latest import, which knows those before it
 * @param now milliseconds since the epoch
 */
export const describeDataSet = (manifest: string | undefined, latest: Import | undefined, now: number): string => {
  if (manifest === undefined) return 'data set in use: none, so reports fail';
  const { cutOff, transactionTime, names, isOf } = readCurrentDataSet(manifest);
  if (cutOff === undefined) return 'data set in use: its manifest has no cut-off that can be read, so reports fail';
  const known = latest === undefined ? [] : [latest, ...latest.previous];
  const source = known.find(({ importId }) => isOf(importId));
  const from =
    source === undefined
      ? 'loaded by hand, or imported before those that are kept in mind'
      : `of the import begun ${new Date(source.begun).toISOString().slice(0, 19)}Z`;
  const age = isFarAhead(cutOff, now)
    ? 'which is in the future, so reports fail'
    : `${describeAge(now - cutOff.millis)} old`;
  return `data set in use: cut off at ${transactionTime}, ${age}, files: ${names.size}, ${from}`;
};
