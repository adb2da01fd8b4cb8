import type { Job } from './job.ts';

/** One record of the jobs table. */
export interface SampledRecord {
  /** Its primary key: `<tenant>#<binary id>`. */
  readonly key: string;
  /** Undefined where this version of the service cannot read it. */
  readonly job: Job | undefined;
}

/** Records of all tenants, picked by chance. A port of its own, so that only who audits has it. */
export interface JobSample {
  /**
   * At most `limit` records that lie next to each other at a place that chance decides, each once; all there are where there are no more.
   * May lag behind the last writes by a moment.
   *
   * @throws ServiceError as `toDependencyError` has it
   */
  records(limit: number): AsyncIterable<SampledRecord>;
}
