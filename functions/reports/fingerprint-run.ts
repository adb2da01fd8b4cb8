import { createHash } from 'node:crypto';
import { product } from '../platform/product.ts';
import { countingCode } from './counting-code.ts';
import type { ReportDefinition, ReportRun } from './report-definition.ts';

/** Changes whenever what is kept under a fingerprint has another form. */
const keptFormat = 1;

/** What is outside a run and decides what comes of it. */
export interface Surroundings {
  /** Version of this software. */
  readonly productVersion: string;
  /** The code that reads episodes and counts, whatever the version says: a fix, a canary and the version after a rollback differ in it. */
  readonly code: string;
  /** Version of the IANA time zone data of the runtime: a year's rules for daylight saving may come with a new one. */
  readonly timeZoneData: string;
}

/** The version of a runtime's time zone data; of a Node that does not tell it, of Node, which brings the data along. */
export const timeZoneDataOf = ({ versions, version }: Pick<NodeJS.Process, 'versions' | 'version'>): string =>
  versions['tz'] ?? version;

const here: Surroundings = {
  productVersion: product.version,
  code: countingCode,
  timeZoneData: timeZoneDataOf(process),
};

/** In an order of its own, however the object was made. */
const inOrder = (limits: Readonly<Record<string, number>>): readonly (readonly [string, number])[] =>
  Object.entries(limits).toSorted(([one], [other]) => (one < other ? -1 : 1));

/**
 * Everything that a report's entries and provenance depend on, as one text: a JSON array of fixed shape, in which what is absent is
 * `null`, so that two runs have the same text only where they are alike in everything.
 */
const describeBasis = (
  { name, rulesVersion, limits }: Pick<ReportDefinition, 'name' | 'rulesVersion' | 'limits'>,
  { tenant, parameters, dataSet }: Omit<ReportRun, 'signal'>,
  { productVersion, code, timeZoneData }: Surroundings,
): string =>
  JSON.stringify([
    [keptFormat, name, rulesVersion, productVersion, code, timeZoneData, inOrder(limits)],
    [tenant.id, tenant.timeZone, tenant.baseline, tenant.toleratedLines],
    parameters.map((parameter) => [parameter.name, parameter.valueString]),
    [dataSet.version, dataSet.transactionTime],
    dataSet.files.map((file) => [file.name, file.version, file.bytes, file.count ?? null, file.sha256 ?? null]),
  ]);

/**
 * The fingerprint of what a report would be made from: SHA-256, 64 digits in lower-case hex. Runs with the same fingerprint give the same
 * entries and the same provenance, to the byte; another tenant, setting, parameter, version, limit, or another state of the manifest or
 * of one of its files has another one.
 */
export const fingerprintRun = (
  definition: Pick<ReportDefinition, 'name' | 'rulesVersion' | 'limits'>,
  run: Omit<ReportRun, 'signal'>,
  surroundings: Surroundings = here,
): string =>
  createHash('sha256')
    .update(describeBasis(definition, run, surroundings))
    .digest('hex');
