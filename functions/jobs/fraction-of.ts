import { createHash } from 'node:crypto';

/**
 * A number from 0 up to, not including, 1: the same for the same text, evenly spread over all texts. Where chance is wanted that needs
 * no source of chance, and that the same job meets again.
 */
export const fractionOf = (text: string): number =>
  createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
