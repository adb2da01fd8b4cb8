import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { AuditLog } from '../../functions/audit/audit-log.ts';
import { restoreTenantId, type Tenant, type TenantId } from '../../functions/auth/tenant.ts';
import type { TenantSource } from '../../functions/auth/tenant-registry.ts';
import type { BinaryContent, BinaryEraser } from '../../functions/binaries/binary-content.ts';
import type { BinaryInventory } from '../../functions/binaries/binary-inventory.ts';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import type { DataSetFiles } from '../../functions/imports/data-set-files.ts';
import type { ImportQueue } from '../../functions/imports/import-queue.ts';
import type { ImportIndex, ImportStore } from '../../functions/imports/import-store.ts';
import type { SecretStore } from '../../functions/imports/secret-store.ts';
import type { Backlog } from '../../functions/jobs/backlog.ts';
import type { DeadLetters } from '../../functions/jobs/dead-letters.ts';
import type { JobList } from '../../functions/jobs/job-list.ts';
import type { JobQueue } from '../../functions/jobs/job-queue.ts';
import type { JobSample } from '../../functions/jobs/job-sample.ts';
import type { JobStore, OpenJobIndex } from '../../functions/jobs/job-store.ts';
import type { ReportPaceStore } from '../../functions/jobs/report-pace.ts';
import type { SummaryStore } from '../../functions/reports/summary-store.ts';

// Most of this is shown by the compiler (npm run check): an `@ts-expect-error` over what compiles is an error.

/** The methods of a port that can be called without a tenant, or with anything that is not one: an optional one counts. */
type Unguarded<Port> = {
  [Method in keyof Port]: Port[Method] extends (...call: infer Call) => unknown
    ? Call extends readonly [TenantId, ...unknown[]]
      ? never
      : Method
    : never;
}[keyof Port];

/** Compiles for a port all of whose methods want a tenant first. */
const holds = <Port>(..._unguarded: [Unguarded<Port>] extends [never] ? [] : [Unguarded<Port>]): Port | undefined =>
  undefined;

/** What adapters implement, by the name of the port. */
const guarded = {
  JobStore: holds<JobStore>,
  JobList: holds<JobList>,
  JobQueue: holds<JobQueue>,
  ReportPaceStore: holds<ReportPaceStore>,
  BinaryContent: holds<BinaryContent>,
  BinaryEraser: holds<BinaryEraser>,
  DataSetSource: holds<DataSetSource>,
  ImportStore: holds<ImportStore>,
  ImportQueue: holds<ImportQueue>,
  DataSetFiles: holds<DataSetFiles>,
  SecretStore: holds<SecretStore>,
  SummaryStore: holds<SummaryStore>,
} satisfies Record<string, () => unknown>;

/** Those that are over all tenants, by design: each a port of its own, so that nobody else has it. */
const overAll = {
  OpenJobIndex: holds<OpenJobIndex>,
  BinaryInventory: holds<BinaryInventory>,
  TenantSource: holds<TenantSource>,
  AuditLog: holds<AuditLog>,
  DeadLetters: holds<DeadLetters>,
  ImportIndex: holds<ImportIndex>,
  JobSample: holds<JobSample>,
  Backlog: holds<Backlog>,
};

describe('I4: a port of a store', () => {
  test('I4: wants a tenant first, in every method, save those over all tenants', () => {
    // @ts-expect-error: the dispatcher's
    overAll.OpenJobIndex();
    // @ts-expect-error: the cleaner's
    overAll.BinaryInventory();
    // @ts-expect-error: it is where tenants come from
    overAll.TenantSource();
    // @ts-expect-error: an event says whose it is
    overAll.AuditLog();
    // @ts-expect-error: it counts messages, whosesoever
    overAll.DeadLetters();
    // @ts-expect-error: the importer's tick
    overAll.ImportIndex();
    // @ts-expect-error: the auditor's
    overAll.JobSample();
    // @ts-expect-error: the dispatcher's, of all tenants together
    overAll.Backlog();
    for (const port of Object.values(guarded)) expect(port()).toBeUndefined();
  });
  // A new port belongs to `guarded`, unless there is a reason why it has to be over all tenants.
  test('I4: no adapter implements a port that is on neither list', () => {
    const root = fileURLToPath(new URL('../../functions/', import.meta.url));
    const adapters = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /(^|\/)(dynamodb|s3|sqs|ssm|cloudwatch)-[a-z-]+\.ts$/.test(file),
    );
    const made = adapters.flatMap((file) => {
      const text = readFileSync(`${root}${file}`, 'utf8');
      return [...text.matchAll(/^export const create\w+ = \([\s\S]*?\): (\w+) =>/gm)].map(([, port]) => port);
    });
    expect(made.toSorted()).toEqual([...Object.keys(guarded), ...Object.keys(overAll)].toSorted());
  });
});

describe('I4: a tenant id', () => {
  test('I4: is no plain text, and none is made of one that has not its form', () => {
    // @ts-expect-error: only the registry and what this service wrote itself make one
    const plain: TenantId = 'demo';
    // @ts-expect-error: nor is it taken from a tenant whose id is a text
    const tenant: Pick<Tenant, 'id'> = { id: 'demo' };
    expect([plain, tenant.id]).toEqual(['demo', 'demo']);
    for (const text of ['', 'Demo', 'a/b', '../a', 'a#b', '-a', 'a'.repeat(33)]) {
      expect(() => restoreTenantId(text)).toThrow(TypeError);
    }
  });
  test('I4: is what every call has to begin with', () => {
    /** Never called: that it compiles is the test. Each method as it is to be called, then with a plain text. */
    const calls = (
      tenant: TenantId,
      text: string,
      [jobs, list, queue, paces, content, eraser, dataSets, summaries]: [
        JobStore,
        JobList,
        JobQueue,
        ReportPaceStore,
        BinaryContent,
        BinaryEraser,
        DataSetSource,
        SummaryStore,
      ],
      rest: <Method extends (tenantId: TenantId, ...rest: never[]) => unknown>(
        method: Method,
      ) => Method extends (tenantId: TenantId, ...rest: infer Rest) => unknown ? Rest : never,
    ): unknown[] => [
      jobs.reserve(tenant, ...rest(jobs.reserve)),
      // @ts-expect-error
      jobs.reserve(text, ...rest(jobs.reserve)),
      jobs.findReservation(tenant, ...rest(jobs.findReservation)),
      // @ts-expect-error
      jobs.findReservation(text, ...rest(jobs.findReservation)),
      jobs.admit(tenant, ...rest(jobs.admit)),
      // @ts-expect-error
      jobs.admit(text, ...rest(jobs.admit)),
      jobs.place(tenant, ...rest(jobs.place)),
      // @ts-expect-error
      jobs.place(text, ...rest(jobs.place)),
      jobs.read(tenant, ...rest(jobs.read)),
      // @ts-expect-error
      jobs.read(text, ...rest(jobs.read)),
      list.listByUser(tenant, ...rest(list.listByUser)),
      // @ts-expect-error
      list.listByUser(text, ...rest(list.listByUser)),
      jobs.claim(tenant, ...rest(jobs.claim)),
      // @ts-expect-error
      jobs.claim(text, ...rest(jobs.claim)),
      jobs.renew(tenant, ...rest(jobs.renew)),
      // @ts-expect-error
      jobs.renew(text, ...rest(jobs.renew)),
      jobs.complete(tenant, ...rest(jobs.complete)),
      // @ts-expect-error
      jobs.complete(text, ...rest(jobs.complete)),
      jobs.fail(tenant, ...rest(jobs.fail)),
      // @ts-expect-error
      jobs.fail(text, ...rest(jobs.fail)),
      jobs.remove(tenant, ...rest(jobs.remove)),
      // @ts-expect-error
      jobs.remove(text, ...rest(jobs.remove)),
      jobs.markErased(tenant, ...rest(jobs.markErased)),
      // @ts-expect-error
      jobs.markErased(text, ...rest(jobs.markErased)),
      jobs.relinquish(tenant, ...rest(jobs.relinquish)),
      // @ts-expect-error
      jobs.relinquish(text, ...rest(jobs.relinquish)),
      jobs.release(tenant, ...rest(jobs.release)),
      // @ts-expect-error
      jobs.release(text, ...rest(jobs.release)),
      jobs.redrive(tenant, ...rest(jobs.redrive)),
      // @ts-expect-error
      jobs.redrive(text, ...rest(jobs.redrive)),
      jobs.reopen(tenant, ...rest(jobs.reopen)),
      // @ts-expect-error
      jobs.reopen(text, ...rest(jobs.reopen)),
      queue.send(tenant, ...rest(queue.send)),
      // @ts-expect-error
      queue.send(text, ...rest(queue.send)),
      paces.read(tenant, ...rest(paces.read)),
      // @ts-expect-error
      paces.read(text, ...rest(paces.read)),
      paces.write(tenant, ...rest(paces.write)),
      // @ts-expect-error
      paces.write(text, ...rest(paces.write)),
      content.put(tenant, ...rest(content.put)),
      // @ts-expect-error
      content.put(text, ...rest(content.put)),
      content.get(tenant, ...rest(content.get)),
      // @ts-expect-error
      content.get(text, ...rest(content.get)),
      content.link(tenant, ...rest(content.link)),
      // @ts-expect-error
      content.link(text, ...rest(content.link)),
      eraser.eraseAll(tenant, ...rest(eraser.eraseAll)),
      // @ts-expect-error
      eraser.eraseAll(text, ...rest(eraser.eraseAll)),
      dataSets.openCurrent(tenant, ...rest(dataSets.openCurrent)),
      // @ts-expect-error
      dataSets.openCurrent(text, ...rest(dataSets.openCurrent)),
      summaries.read(tenant, ...rest(summaries.read)),
      // @ts-expect-error
      summaries.read(text, ...rest(summaries.read)),
      summaries.keep(tenant, ...rest(summaries.keep)),
      // @ts-expect-error
      summaries.keep(text, ...rest(summaries.keep)),
    ];
    expect(calls).toBeTypeOf('function');
  });
});
