import fc from 'fast-check';

/** Longer than most runs need; what comes after its end goes well. */
const longestTape = 1000;

/** Tapes as fast-check draws them: of all lengths up to the longest. */
export const tapes = fc.array(fc.nat({ max: 255 }), { maxLength: longestTape, size: 'max' });
