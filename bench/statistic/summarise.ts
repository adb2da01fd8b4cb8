import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { isTenantId } from '../../functions/auth/tenant.ts';
import type { PinnedFile } from '../../functions/episodes/data-set.ts';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { parseInstant } from '../../functions/episodes/fhir-date-time.ts';
import { readLines } from '../../functions/episodes/read-lines.ts';
import { createSeenIds } from '../../functions/episodes/seen-ids.ts';
import { findTimeZone } from '../../functions/episodes/time-zone.ts';
import { createActiveRuns } from '../../functions/reports/patient-usage-stats/active-runs.ts';
import { countMonths } from '../../functions/reports/patient-usage-stats/count-months.ts';
import { patientUsageStats } from '../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import { createRejectedLines } from '../../functions/reports/patient-usage-stats/rejected-lines.ts';
import type { PatientsUsageSummary } from '../../functions/reports/patient-usage-stats/summarize-months.ts';
import { createEpisodeTaker } from '../../functions/reports/patient-usage-stats/take-episodes.ts';
import type { Counts } from './counts.ts';
import { reportWork } from './report-work.ts';
import { cutOff } from './write-episodes.ts';

// A program of its own process: `stream | digest | scan | parse <file>`. Each reads the file once, in chunks of 1 MiB.

const timeZone = 'Europe/Copenhagen';
const signal = new AbortController().signal;

const openFile = (path: string): PinnedFile => ({
  name: 'EpisodeOfCare.ndjson',
  version: path,
  bytes: statSync(path).size,
  read: () => createReadStream(path, { highWaterMark: 1024 * 1024 }),
});

/** The bytes and nothing else. */
const stream = async (file: PinnedFile): Promise<number> => {
  let bytes = 0;
  for await (const chunk of file.read(signal)) bytes += chunk.length;
  return bytes;
};

/** The bytes and their SHA-256, which the report's provenance has to have. */
const digest = async (file: PinnedFile): Promise<number> => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of file.read(signal)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return hash.digest().length === 32 ? bytes : 0;
};

const countsOf = (content: { readonly PatientsUsageSummary?: PatientsUsageSummary }): Counts =>
  (content.PatientsUsageSummary?.monthData ?? []).map(({ month, year, entries }) => [
    Number(year) * 12 + Number(month) - 1,
    entries[1]?.count ?? 0,
    entries[0]?.count ?? 0,
  ]);

/** The report as the worker makes it. */
const scan = async (file: PinnedFile): Promise<Counts> => {
  const id = 'bench';
  if (!isTenantId(id)) throw new TypeError('bench is a tenant id');
  const { entries } = await patientUsageStats.generate({
    tenant: { id, timeZone, baseline: 10_000, toleratedLines: 0 },
    parameters: [],
    dataSet: { version: '1', transactionTime: cutOff, files: [file] },
    signal,
  });
  return countsOf(entries[0]?.content ?? {});
};

/** The same with every line read by `JSON.parse`. */
const parse = async (file: PinnedFile): Promise<Counts> => {
  const until = parseInstant(cutOff);
  if (until === undefined) throw new TypeError('the cut-off is no instant');
  const runs = createActiveRuns(defaultLimits);
  const [ids, rejected] = [createSeenIds(defaultLimits.episodes), createRejectedLines(0)];
  const taker = createEpisodeTaker({ zone: findTimeZone(timeZone), cutOff: until, runs, ids, rejected });
  taker.begin(file.name);
  await readLines(file, { signal, ...defaultLimits }, taker.visit);
  const months = await countMonths(runs, signal);
  return months.map(({ month, active, activeSevenDays }) => [month, active, activeSevenDays]);
};

const ways = { stream, digest, scan, parse } as const;
const [way, path = ''] = process.argv.slice(2);
await reportWork(() => ways[way as keyof typeof ways](openFile(path)));
