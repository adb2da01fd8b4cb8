import { describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import type { Import } from '../../functions/imports/import.ts';
import type { ImportIndex, ImportStore } from '../../functions/imports/import-store.ts';
import {
  claimImport,
  completeImport,
  giveBackImport,
  markTidy,
  startPolling,
} from '../../functions/imports/import-transitions.ts';
import { sampleImport } from './sample-import.ts';
import { demoTenant, sampleTime } from './sample-job.ts';

const other = restoreTenantId('other');
const lease = { token: 'a', until: sampleTime + 120_000 };
const cursor = { file: 1, offset: 10, lines: 2, stretches: [{ bytes: 10, sha256: 'b'.repeat(64) }], validator: '"v1"' };
const segment = { name: 'x/1.ndjson.gz', bytes: 5, sha256: 'a'.repeat(64), count: 2, plainBytes: 10 };
const plan = { name: 'x/plan.json', transactionTime: '2026-04-16T09:44:11.000Z', files: 2, warnings: 0 };

/** What every import store has to do. The store that `open` gives is empty. */
export const describeImportStore = (open: () => Promise<ImportStore & ImportIndex>): void => {
  const begun = async (own: Partial<Import> = {}) => {
    const store = await open();
    await store.begin(demoTenant, sampleImport(own), undefined);
    return store;
  };

  test('a new import is read as it was recorded, by its own tenant alone', async () => {
    const store = await begun();
    expect(await store.read(demoTenant)).toEqual(sampleImport());
    expect(await store.read(other)).toBeUndefined();
  });

  test('every member comes back as it was written, and what is gone is gone', async () => {
    const store = await begun();
    const full = sampleImport({
      state: 'FILES',
      lease,
      due: lease.until,
      statusUrl: 'https://x.dk/1',
      plan,
      cursor,
      segments: [segment],
      progress: '50 %',
      problem: { code: 'FILE_GONE', cause: 'x' },
    });
    const written = await store.replace(demoTenant, sampleImport(), full);
    expect(written.outcome).toBe('applied');
    expect(await store.read(demoTenant)).toEqual({ ...full, revision: 2, writer: expect.any(String) });
    const seen = written.import as Import;
    const ended = markTidy(completeImport(seen, sampleTime + 5));
    await store.replace(demoTenant, seen, ended);
    expect(await store.read(demoTenant)).toEqual({ ...ended, revision: 3, writer: expect.any(String) });
    expect(await store.findDue(sampleTime + 86_400_000, 10)).toEqual([]);
  });

  test('at most one import of a tenant is under way', async () => {
    const store = await begun();
    const second = sampleImport({ importId: 'second', writer: 'writer-2' });
    expect(await store.begin(demoTenant, second, undefined)).toMatchObject({ outcome: 'conflict' });
    expect(await store.begin(demoTenant, second, sampleImport())).toMatchObject({ outcome: 'conflict' });
    expect((await store.begin(other, second, undefined)).outcome).toBe('applied');
  });

  describe('an import that is over and tidied up', () => {
    const over = async () => {
      const store = await begun();
      const done = markTidy(completeImport(sampleImport(), sampleTime));
      const written = await store.replace(demoTenant, sampleImport(), done);
      return { store, before: written.import as Import };
    };
    test('makes room for the next', async () => {
      const { store, before } = await over();
      const next = sampleImport({ importId: 'next', revision: before.revision + 1 });
      expect((await store.begin(demoTenant, next, before)).outcome).toBe('applied');
      expect(await store.read(demoTenant)).toEqual(next);
    });
    test('makes room for one only', async () => {
      const { store, before } = await over();
      const next = (importId: string) => sampleImport({ importId, writer: importId, revision: before.revision + 1 });
      const both = await Promise.all([
        store.begin(demoTenant, next('one'), before),
        store.begin(demoTenant, next('two'), before),
      ]);
      expect(both.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'conflict']);
    });
  });

  test('an import that is over makes room for the next while it is due for something later, unless somebody is at it', async () => {
    const store = await begun();
    const over = markTidy(completeImport(sampleImport(), sampleTime), sampleTime + 9);
    const { import: tidy } = await store.replace(demoTenant, sampleImport(), over);
    const { import: held } = await store.replace(demoTenant, tidy as Import, claimImport(tidy as Import, lease));
    const next = sampleImport({ importId: 'next', revision: 9 });
    expect((await store.begin(demoTenant, next, held)).outcome).toBe('conflict');
    const { import: before } = await store.replace(
      demoTenant,
      held as Import,
      markTidy(held as Import, sampleTime + 9),
    );
    expect(await store.findDue(sampleTime + 9, 10)).toHaveLength(1);
    expect((await store.begin(demoTenant, next, before)).outcome).toBe('applied');
    expect(await store.read(demoTenant)).toEqual(next);
  });

  test('of two who saw the same, one writes', async () => {
    const store = await begun();
    const claims = ['a', 'b'].map((token) =>
      store.replace(demoTenant, sampleImport(), claimImport(sampleImport(), { ...lease, token })),
    );
    const outcomes = (await Promise.all(claims)).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['applied', 'conflict']);
  });

  test('who lost the import learns what it is now, and records nothing', async () => {
    const store = await begun();
    const first = await store.replace(demoTenant, sampleImport(), claimImport(sampleImport(), lease));
    const late = await store.replace(demoTenant, sampleImport(), startPolling(sampleImport(), 'https://x.dk/late'));
    expect(late).toEqual({ outcome: 'conflict', import: first.import });
  });

  test('what is due is found, the longest waiting first', async () => {
    const store = await begun({ due: sampleTime + 2 });
    await store.begin(other, sampleImport({ tenantId: other, importId: 'theirs', due: sampleTime + 1 }), undefined);
    expect(await store.findDue(sampleTime, 10)).toEqual([]);
    const found = await store.findDue(sampleTime + 2, 10);
    expect(found.map(({ importId }) => importId)).toEqual(['theirs', sampleImport().importId]);
    expect(await store.findDue(sampleTime + 2, 1)).toHaveLength(1);
    const seen = (await store.read(demoTenant)) as Import;
    await store.replace(demoTenant, seen, giveBackImport(seen, sampleTime + 9));
    expect(await store.findDue(sampleTime + 2, 10)).toEqual([{ tenantId: other, importId: 'theirs' }]);
  });
};
