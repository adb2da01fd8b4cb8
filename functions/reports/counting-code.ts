/** Put in by the bundler (`infra/build-bundles.ts`). */
declare const COUNTING_CODE: string | undefined;

/**
 * Which code counts: SHA-256 over the sources below `functions/episodes/` and `functions/reports/`, in hex, the same in every bundle of one
 * state of them. Where the sources run as they are, unbundled, nobody has worked it out, and it is a fixed word.
 */
export const countingCode: string = typeof COUNTING_CODE === 'undefined' ? 'not bundled' : COUNTING_CODE;
