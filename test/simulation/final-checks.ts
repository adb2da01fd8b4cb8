import { createHash } from 'node:crypto';
import { unzipSync } from 'fflate';
import type { JobItem } from '../../functions/jobs/job-item.ts';
import { objectsOf, plantedReference } from './data-sets.ts';
import { checkImports } from './imports/final-import-checks.ts';
import type { CurrentGeneration, World } from './world.ts';

/** What is looked at beside the stores. */
export interface RunTrail {
  readonly logLines: readonly string[];
  readonly maxAttempts: number;
  /** Ticks that ran: of the dispatcher, and of the importer. */
  readonly ticks: number;
  readonly importTicks: number;
}

const isJob = ({ jobId, status }: Readonly<Record<string, unknown>>): boolean =>
  jobId !== undefined && status !== undefined;

/** Every job that is recorded, also of orders whose answers were lost. */
export const recordedJobs = ({ table }: Pick<World, 'table'>): readonly JobItem[] =>
  [...table.items.values()].filter(isJob) as unknown as readonly JobItem[];

const readEntry = (archive: Readonly<Record<string, Uint8Array>>, ending: string): unknown => {
  const name = Object.keys(archive).find((path) => path.endsWith(ending));
  return name === undefined ? undefined : JSON.parse(Buffer.from(archive[name] ?? []).toString());
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The files that a report says it was made from. */
type Sources = readonly { readonly name: string; readonly sha256: string }[];

const isSame = (one: Sources, other: Sources): boolean =>
  one.map(({ name, sha256: hash }) => `${name} ${hash}`).join() ===
  other.map(({ name, sha256: hash }) => `${name} ${hash}`).join();

/** The one export, of any tenant, that has these very files. */
const findSource = ({ generations, plan }: World, files: Sources): CurrentGeneration | undefined =>
  [...generations.values()].flat().find((generation) => {
    if (generation.files !== undefined) return isSame(generation.files, files);
    const objects = objectsOf(generation, plan.hasExactManifests).slice(0, -1);
    const own = objects.map(({ name, bytes }) => ({ name, sha256: sha256(bytes) }));
    return isSame(own, files);
  });

/** I10: the numbers are those of one export as a whole, of the tenant's own, and of one that was current while the job was open. */
const checkReport = (world: World, { pk, tenant, versions }: JobItem, begun: number, ended: number) => {
  const content = Object.values(versions).at(-1)?.content;
  if (content?.kind !== 'stored') return world.violate('I3', `${pk} is DONE without a report`);
  const bytes = world.content.objects.get(content.key)?.bytes;
  if (bytes === undefined) return world.violate('I3', `the report of ${pk} is gone`);
  const archive = unzipSync(bytes);
  const { provenance } = readEntry(archive, 'ReportHeader') as {
    readonly provenance: { files: Sources; patients: number };
  };
  const source = findSource(world, provenance.files);
  if (source === undefined) return world.violate('I10', `${pk} was made from no one export that there was`);
  if (source.tenant !== tenant) world.violate('I4', `${pk} was made from an export of ${source.tenant}`);
  if (source.isSpoilt || provenance.patients !== source.patients) {
    world.violate('I10', `${pk} has ${provenance.patients} patients, its export ${source.patients}`);
  }
  if (source.until < begun || source.from > ended)
    world.violate('I10', `${pk} was made from an export of another time`);
};

const checkFailure = (world: World, { pk, tenant, failure }: JobItem): void => {
  if (failure?.code !== 'DATA_SET_MALFORMED') return;
  const isJust = world.generations.get(tenant)?.some(({ isSpoilt }) => isSpoilt);
  if (isJust !== true) world.violate('I7', `${pk} failed for a data set that there was not`);
};

/** I12: nothing is left of what was deleted, once the dispatcher has swept it. */
export const checkErased = (world: World): void => {
  for (const { pk, deletedAt } of recordedJobs(world)) {
    const [tenant, binaryId] = pk.split('#');
    const left = deletedAt === undefined ? 0 : world.content.list(`${tenant}/Binary/${binaryId}/`).length;
    if (left > 0) world.violate('I12', `${left} objects are left of ${pk}`);
  }
};

/** I8: what attempts left behind does not stay, once the cleaner was there. */
const checkObjects = (world: World, { pk, versions }: JobItem): void => {
  const [tenant, binaryId] = pk.split('#');
  const objects = world.content.list(`${tenant}/Binary/${binaryId}/`).length;
  const named = Object.values(versions).filter(({ content }) => content.kind === 'stored').length;
  if (objects > named) world.violate('I8', `${objects - named} objects under ${pk} are left over`);
};

const checkJob = (world: World, job: JobItem) => {
  const facts = world.facts.get(job.pk);
  if (facts?.ended === undefined) return world.violate('I1', `${job.pk} is still ${job.status}`);
  checkObjects(world, job);
  if (job.deletedAt !== undefined) return;
  if (job.status === 'DONE') checkReport(world, job, facts.placed, facts.ended);
  if (job.status === 'FAILED') checkFailure(world, job);
};

/** I5: an idempotency key has one job. */
const checkReservations = (world: World, jobs: readonly JobItem[]): void => {
  const ids = new Set(jobs.map(({ jobId }) => jobId));
  if (ids.size < jobs.length) world.violate('I5', 'two records have one job id');
};

/**
 * I8: how often a job can be queued at most: by its order, and once by each tick, three times over where the SDK repeats what was
 * sent. An attempt each is a claim.
 */
const checkEffort = (world: World, { ticks, maxAttempts, logLines }: RunTrail, jobs: readonly JobItem[]): void => {
  const reopenings = [...world.facts.values()].reduce((sum, facts) => sum + facts.reopenings, 0);
  const orders = jobs.length + reopenings;
  const most = 3 * (orders + ticks * jobs.length);
  if (world.queue.sent() > most)
    world.violate('I8', `${world.queue.sent()} messages were sent for ${jobs.length} jobs`);
  const claimed = logLines.filter((line) => line.includes('"JOB_CLAIMED"')).length;
  // An attempt that was refused is not counted; the doubled pause after each leaves room for so many.
  const uncounted = (world.counts.faults['refusal'] ?? 0) > 0 ? 16 : 0;
  if (claimed > (maxAttempts + uncounted) * orders) world.violate('I8', `${claimed} attempts for ${jobs.length} jobs`);
};

/** I9: opaque ids only. */
const checkTrail = (world: World, { logLines }: RunTrail): void => {
  for (const body of world.queue.bodies()) {
    if (!/^\{"tenant":"[a-z]+","binaryId":"[0-9a-f-]{36}"\}$/.test(body)) world.violate('I9', `a message says ${body}`);
  }
  const planted = logLines.find((line) => line.includes('planted') || line.includes(plantedReference));
  if (planted !== undefined) world.violate('I9', `a log line says ${planted}`);
};

/** What has to hold once all is quiet. */
export const checkAfterwards = (world: World, trail: RunTrail): void => {
  const jobs = recordedJobs(world);
  for (const job of jobs) checkJob(world, job);
  checkReservations(world, jobs);
  checkEffort(world, trail, jobs);
  checkTrail(world, trail);
  checkImports(world, trail.importTicks);
};
