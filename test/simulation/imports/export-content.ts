import { createHash } from 'node:crypto';
import { lineOf } from '../data-sets.ts';

/** What a tenant's server exports at one moment. */
export interface ExportContent {
  readonly tenant: string;
  readonly number: number;
  readonly transactionTime: string;
  /** Different patients, an episode each. */
  readonly patients: number;
  readonly files: readonly Uint8Array[];
  /** Of all files, one after the other; SHA-256 in hex. */
  readonly sha256: string;
}

/** SHA-256 in hex. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** An export with a number: 4, 8 or 12 patients whom no other export has. */
export const describeContent = (
  tenant: string,
  number: number,
  transactionTime: string,
  fileCount: number,
  isEmpty = false,
): ExportContent => {
  const patients = isEmpty ? 0 : 4 * (1 + (number % 3));
  const share = Math.ceil(patients / fileCount);
  const files = Array.from({ length: fileCount }, (_, file) => {
    const count = Math.max(Math.min(share, patients - file * share), 0);
    const lines = Array.from({ length: count }, (_line, at) => lineOf(`${tenant}-x${number}-${file * share + at}`));
    return Buffer.from(lines.join(''));
  });
  return { tenant, number, transactionTime, patients, files, sha256: hashOf(Buffer.concat(files)) };
};
