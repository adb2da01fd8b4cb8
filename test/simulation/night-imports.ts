import type { ImportStore } from '../../functions/imports/import-store.ts';
import { fractionOf } from '../../functions/jobs/fraction-of.ts';
import type { Clock } from '../../functions/platform/clock.ts';
import { sampleImport } from '../support/sample-import.ts';

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Imports as the dispatcher finds them: in each night, which tenant and run decide, none, one that does not end, one that fails, or one
 * that is done an hour into the night. Half of the nights have none: whoever waits lengthens the run. They are no calls that could go wrong: what the dispatcher makes of a fault is that there is none.
 */
export const createNightImports = (start: number, clock: Clock): Pick<ImportStore, 'read'> => ({
  async read(tenantId) {
    const now = clock.now();
    const night = Math.floor((now + 4 * hour) / day);
    const begun = night * day - 4 * hour;
    const kind = Math.floor(fractionOf(`${tenantId} ${night} ${start}`) * 6);
    if (kind > 2) return undefined;
    const isOver = now - begun >= 5 * hour;
    const ended = kind === 0 ? 'DONE' : 'FAILED';
    return sampleImport({ tenantId, begun, state: kind < 2 && isOver ? ended : 'FILES' });
  },
});
