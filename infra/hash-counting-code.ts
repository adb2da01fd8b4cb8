import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything between the bytes of a data set and the entries of a report. */
const folders = ['functions/episodes', 'functions/reports'] as const;

const listSources = (root: string): readonly string[] =>
  folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .toSorted((one, other) => (one < other ? -1 : 1));

/**
 * SHA-256, in lower-case hex, over names and contents of all sources that numbers of a report depend on. A kept summary is found by it,
 * among others (`functions/reports/fingerprint-run.ts`): so nobody has to remember to raise a version when a count is put right, and a
 * rollback finds what the code before has kept. A comment that changes costs each data set one more reading.
 *
 * @param root the project's folder
 */
export const hashCountingCode = (root: string): string => {
  const hash = createHash('sha256');
  for (const file of listSources(root)) {
    const content = readFileSync(join(root, file));
    hash.update(JSON.stringify([file, content.byteLength])).update(content);
  }
  return hash.digest('hex');
};
