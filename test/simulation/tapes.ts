import fc from 'fast-check';
import { firstWithImports } from './themes.ts';

/** Longer than most runs need; what comes after its end goes well. */
const longestTape = 1000;

/** Tapes as fast-check draws them: of all lengths up to the longest. */
export const tapes = fc.array(fc.nat({ max: 255 }), { maxLength: longestTape, size: 'max' });

/** The same, each of a run with imports. */
export const tapesWithImports = fc
  .tuple(fc.integer({ min: firstWithImports, max: 255 }), tapes)
  .map(([first, [, ...rest]]) => [first, ...rest]);
