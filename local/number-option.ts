import { UsageError } from './command-line.ts';

const read = (name: string, text: string, least: number, most: number, kind: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new UsageError(`--${name} has to be a ${kind} from ${least} to ${most}`);
};

/** An option that is a number within bounds, both of them allowed. @throws UsageError naming the option and its bounds */
export const readNumberOption = (name: string, text: string, least: number, most: number): number =>
  read(name, text, least, most, 'number');

/** An option that is a whole number in decimal digits, within bounds. @throws UsageError as {@link readNumberOption} */
export const readWholeOption = (name: string, text: string, least: number, most: number): number =>
  read(name, /^\d{1,15}$/.test(text) ? text : '', least, most, 'whole number');
