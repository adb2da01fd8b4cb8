import { zipSync } from 'fflate';
import type { ReceivedParameter, ReportEntry } from './report-definition.ts';

/** A finished report before it is packed. */
export interface ReportContent {
  /** Name of the report's definition; begins the folder's name. */
  readonly reportName: string;
  /** When the report was made, milliseconds since the epoch (UTC); from 1980 on, where ZIP's calendar begins. */
  readonly reportTime: number;
  /** The parameters as they were received. */
  readonly parameters: readonly ReceivedParameter[];
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly entries: readonly ReportEntry[];
}

/** The folder of the archive: `PatientsUsageReport_2026_04_16_11_46_04`, in UTC. */
const folderName = (reportName: string, reportTime: number): string =>
  `${reportName}_${new Date(reportTime).toISOString().slice(0, 19).replace(/[-T:]/g, '_')}`;

/** MS-DOS date and time as ZIP has it, two-second steps, from 1980 on (APPNOTE 4.4.6). */
const dosStamp = (millis: number): number => {
  const time = new Date(millis);
  const date = ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  return ((date << 16) | clock) >>> 0;
};

/**
 * Writes one time stamp into every entry of an archive without comment or extra fields (APPNOTE 4.3.7, 4.3.12, 4.3.16).
 * fflate would stamp the local time of the process, which depends on where it runs and has gaps twice a year.
 */
const stampEntries = (archive: Uint8Array, stamp: number): void => {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.byteLength - 22;
  let central = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    view.setUint32(central + 12, stamp, true);
    view.setUint32(view.getUint32(central + 42, true) + 10, stamp, true);
    central += 46 + view.getUint16(central + 28, true) + view.getUint16(central + 30, true);
  }
};

/**
 * The bytes of a finished report: a ZIP with one folder, `ReportHeader` first, then the report's entries; deflate,
 * compact UTF-8 JSON, no directory entries. Equal input gives equal bytes on every machine: fflate compresses in
 * JavaScript, while zlib's output differs between processor types.
 *
 * @throws RangeError when the report time is before 1980.
 */
export const createReportArchive = (content: ReportContent): Uint8Array => {
  const { reportName, reportTime, parameters, provenance, entries } = content;
  if (!(reportTime >= Date.UTC(1980))) throw new RangeError('a ZIP cannot hold a time before 1980');
  const header = {
    reportName,
    reportTime: new Date(reportTime).toISOString(),
    parameters: { resourceType: 'Parameters', parameter: parameters },
    provenance,
  };
  const folder = folderName(reportName, reportTime);
  const encoder = new TextEncoder();
  const files: Record<string, Uint8Array> = {};
  for (const { path, content } of [{ path: 'ReportHeader', content: header }, ...entries]) {
    files[`${folder}/${path}`] = encoder.encode(JSON.stringify(content));
  }
  const archive = zipSync(files, { level: 6, mtime: Date.UTC(2000, 5) });
  stampEntries(archive, dosStamp(reportTime));
  return archive;
};
