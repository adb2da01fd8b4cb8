import type { GeneratedReport } from '../../../functions/reports/report-definition.ts';
import type { SummaryStore } from '../../../functions/reports/summary-store.ts';
import type { World } from '../world.ts';
import type { SeededBug } from './seeded-bug.ts';

/** What was kept in a run for all tenants, by data cut-off. */
const keptIn = new WeakMap<World, Map<string, GeneratedReport>>();

const keptByCutOff = (world: World): Map<string, GeneratedReport> => {
  const kept = keptIn.get(world) ?? new Map<string, GeneratedReport>();
  keptIn.set(world, kept);
  return kept;
};

/** Reads what lies under the key as it is, and whatever it has become. */
const readUnchecked =
  ({ content }: World): SummaryStore['read'] =>
  async (tenantId, { report, fingerprint }) => {
    const bytes = content.objects.get(`${tenantId}/Summary/${report}/${fingerprint}`)?.bytes;
    if (bytes === undefined) return 'missing';
    const text = Buffer.from(bytes).toString();
    try {
      return JSON.parse(text.slice(text.indexOf('\n'))) as GeneratedReport;
    } catch {
      return 'damaged';
    }
  };

/** Faults that somebody could have made in what is kept of reports. */
export const summaryBugs: readonly SeededBug[] = [
  {
    name: "a fingerprint without the files' ETags",
    breaks: ['I10'],
    variant: {
      worker: (worker) => ({
        ...worker,
        dataSets: {
          async openCurrent(...asked) {
            const opened = await worker.dataSets.openCurrent(...asked);
            return { ...opened, files: opened.files.map((file) => ({ ...file, version: '' })) };
          },
        },
      }),
    },
  },
  {
    name: 'a summary read without its tenant',
    breaks: ['I4', 'I10'],
    variant: {
      worker: (worker, { world }) => {
        let cutOff = '';
        return {
          ...worker,
          dataSets: {
            async openCurrent(...asked) {
              const opened = await worker.dataSets.openCurrent(...asked);
              cutOff = opened.transactionTime;
              return opened;
            },
          },
          summaries: {
            read: async () => keptByCutOff(world).get(cutOff) ?? 'missing',
            async keep(_tenantId, _key, summary) {
              keptByCutOff(world).set(cutOff, summary);
            },
          },
        };
      },
    },
  },
  {
    name: 'a damaged summary is believed',
    breaks: ['I10'],
    variant: {
      worker: (worker, { world }) => ({ ...worker, summaries: { ...worker.summaries, read: readUnchecked(world) } }),
    },
  },
];
