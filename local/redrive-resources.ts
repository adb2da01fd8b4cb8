import { useEmulators } from './aws-environment.ts';
import { UsageError } from './command-line.ts';
import { requireRunningInstance } from './running-instance.ts';
import { requireStageForRegion } from './stage-options.ts';

/** What `npm run redrive` works on. */
export interface RedriveResources {
  readonly jobsTable: string;
  readonly reportQueueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Unknown where the others were named one by one. */
  readonly tenantsTable?: string;
  /** That of the AWS SDK's own settings, if it is left out. */
  readonly region?: string | undefined;
}

/** The options that say which they are. */
export interface RedriveWishes {
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  readonly table?: string | undefined;
  readonly queue?: string | undefined;
  readonly 'dead-letters'?: string | undefined;
}

/**
 * The table and queues of the stage that was named, those named one by one, or those of the running instance.
 *
 * @throws UsageError for options that do not go together; CommandError for a stage or an instance that is not there
 */
export const findRedriveResources = async (wishes: RedriveWishes): Promise<RedriveResources> => {
  const { stage, region, table: jobsTable, queue: reportQueueUrl, 'dead-letters': deadLetterQueueUrl } = wishes;
  const isNamed = [jobsTable, reportQueueUrl, deadLetterQueueUrl].some((name) => name !== undefined);
  if (stage !== undefined && isNamed) throw new UsageError('--table, --queue and --dead-letters exclude --stage');
  if (isNamed) {
    if (jobsTable === undefined || reportQueueUrl === undefined || deadLetterQueueUrl === undefined) {
      throw new UsageError('--table, --queue and --dead-letters go together');
    }
    if (reportQueueUrl === deadLetterQueueUrl) throw new UsageError('--queue and --dead-letters name the same queue');
    return { jobsTable, reportQueueUrl, deadLetterQueueUrl, region };
  }
  requireStageForRegion({ stage, region });
  if (stage === undefined) {
    const instance = await requireRunningInstance();
    useEmulators(instance);
    return instance;
  }
  // Loaded only where it is needed: it would slow every call down.
  const { readStackOutput } = await import('./stack-outputs.ts');
  const read = (output: string) => readStackOutput({ stage, region }, output);
  const [table, queue, deadLetters, tenantsTable] = await Promise.all([
    read('JobsTableName'),
    read('ReportQueueUrl'),
    read('DeadLetterQueueUrl'),
    read('TenantsTableName'),
  ]);
  return { jobsTable: table, reportQueueUrl: queue, deadLetterQueueUrl: deadLetters, tenantsTable, region };
};
