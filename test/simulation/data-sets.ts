import { createHash } from 'node:crypto';

/** One export of a tenant, by number: from 0 on. */
export interface Generation {
  readonly tenant: string;
  readonly number: number;
  /** Of every two exports the second corrects the first: the same cut-off, and the same manifest where it tells nothing of its files. */
  readonly transactionTime: string;
  /** Different patients, all active in March 2026. No mixture of two generations' files has as many as a generation. */
  readonly patients: number;
  /** No report can be made from it: a line that cannot be used, or a cut-off that is to come. */
  readonly isSpoilt: boolean;
}

/** A slip of whoever loads: the data is right, and its cut-off decades from now. */
const slippedCutOff = Date.UTC(2062, 3, 1);

const cutOffOf = (number: number, isSpoilt: boolean): number =>
  isSpoilt && number % 2 === 0 ? slippedCutOff : Date.UTC(2026, 3, 1) + Math.floor(number / 2) * 1000;

/** Must never be seen in a log line or a message. */
export const plantedReference = 'Patient/planted-';

/** A line of an export: an episode of a patient of that name, active in March 2026. */
export const lineOf = (patient: string): string =>
  `{"resourceType":"EpisodeOfCare","status":"active","patient":{"reference":"${plantedReference}${patient}"},"statusHistory":[{"status":"active","period":{"start":"2026-03-02T08:00:00Z","end":"2026-03-20T08:00:00Z"}}]}\n`;

/** All files have the same size, so that nothing but what is in them tells one export from another. */
const fileBytes = 2600;

const padded = (text: string): Uint8Array => Buffer.from(`${text.slice(0, -2).padEnd(fileBytes - 2)}}\n`);

const fileOf = (name: string, from: number, count: number): Uint8Array =>
  padded(Array.from({ length: count }, (_, at) => lineOf(`${name}-${from + at}`)).join(''));

/** A tenant's export with a number. Three kinds follow each other: 4, 8 and 12 patients. */
export const describeGeneration = (
  tenant: string,
  number: number,
  isSpoilt = false,
  cutOff = cutOffOf(number, isSpoilt),
): Generation => ({
  tenant,
  number,
  transactionTime: new Date(cutOff).toISOString(),
  patients: 4 * (1 + (number % 3)),
  isSpoilt,
});

/** An object of an export. */
export interface ExportObject {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const makeObjects = (
  { tenant, number, transactionTime, isSpoilt }: Generation,
  isExact: boolean,
): readonly ExportObject[] => {
  const step = 1 + (number % 3);
  const hasBadLine = isSpoilt && Date.parse(transactionTime) !== slippedCutOff;
  const files = [
    { name: 'a.ndjson', bytes: fileOf(`${tenant}-a`, number * 100, step) },
    {
      name: 'b.ndjson',
      bytes: hasBadLine ? padded('{"resourceType":"EpisodeOfCare"}\n') : fileOf(`${tenant}-b`, number * 100, 3 * step),
    },
  ];
  const output = files.map(({ name, bytes }) => ({
    type: 'EpisodeOfCare',
    url: name,
    ...(isExact && {
      extension: { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    }),
  }));
  return [...files, { name: 'manifest.json', bytes: Buffer.from(JSON.stringify({ transactionTime, output })) }];
};

const made = new Map<string, readonly ExportObject[]>();

/** The objects of an export in the order in which a loader writes them: the manifest last, which makes it current. */
export const objectsOf = (generation: Generation, isExact: boolean): readonly ExportObject[] => {
  const name = `${generation.tenant} ${generation.number} ${generation.transactionTime} ${generation.isSpoilt} ${isExact}`;
  const objects = made.get(name) ?? makeObjects(generation, isExact);
  made.set(name, objects);
  return objects;
};
