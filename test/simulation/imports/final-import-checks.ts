import { plantedReference } from '../data-sets.ts';
import type { World } from '../world.ts';
import type { ImportRecord } from './import-watch.ts';

/** Imports by what became of them. */
export const countImports = ({ imports }: World): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { state, failure } of imports.facts.values()) {
    const name = failure === undefined ? state : `${state} ${failure}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/**
 * What is to be removed later than so long after an import's end is not waited for: with the usual grace, data sets that were replaced.
 * Longer than the shorter one; a look every hour may find nothing until then.
 */
const soon = 2 * 3_600_000;

/** Everything about imports is over and tidied up. */
export const areImportsAtRest = ({ imports, time }: World): boolean =>
  imports.queue.isEmpty() &&
  !imports.table.isLagging() &&
  ([...imports.table.items.values()] as unknown as readonly ImportRecord[]).every(
    ({ due, tidied, leaseToken, importId }) =>
      due === undefined ||
      (tidied === true && leaseToken === undefined && (imports.facts.get(importId)?.ended ?? 0) + soon < time.now()),
  );

/** I8: a tick queues an import once, the SDK three times at most; each message is one attempt, and comes five times at most. */
const checkEffort = (world: World, ticks: number): void => {
  const { facts, queue } = world.imports;
  const tenants = new Set([...facts.values()].map(({ tenant }) => tenant)).size;
  if (queue.sent() > 3 * ticks * tenants) world.violate('I8', `${queue.sent()} messages were sent in ${ticks} ticks`);
};

/** I9: messages are two ids; an item has no patient, token, secret or link. */
const checkTrail = (world: World): void => {
  const { queue, table } = world.imports;
  for (const body of queue.bodies()) {
    if (!/^\{"tenant":"[a-z]+","importId":"[0-9a-f-]{36}"\}$/.test(body)) world.violate('I9', `a message says ${body}`);
  }
  for (const item of table.items.values()) {
    const text = JSON.stringify(item);
    const told = [plantedReference, 'planted-token', 'planted-secret', 'planted-link'].find((one) =>
      text.includes(one),
    );
    if (told !== undefined) world.violate('I9', `the import of ${item['tenant']} has ${told}`);
  }
};

/** I8: what is stored is the data set in use, or among the newest, or somebody comes back for it. */
const checkLeftovers = ({ data, plan, violate }: World, { tenant, due }: ImportRecord): void => {
  if (due !== undefined) return;
  const idsOf = (suffix: string) =>
    data.list(`${tenant}/imports/`).flatMap((key) => (key.endsWith(suffix) ? (key.split('/')[2] ?? []) : []));
  const manifest = Buffer.from(data.objects.get(`${tenant}/manifest.json`)?.bytes ?? []);
  const newest = idsOf('/manifest.json').toReversed().slice(0, plan.imports?.keep);
  for (const id of new Set(idsOf('')))
    if (!manifest.includes(`imports/${id}/`) && !newest.includes(id))
      violate('I8', `what the import ${id} of ${tenant} has stored is left, and nobody comes back for it`);
};

/** What has to hold of imports once all is quiet. */
export const checkImports = (world: World, ticks: number): void => {
  const { facts, table } = world.imports;
  for (const [importId, { tenant, ended, state }] of facts)
    if (ended === undefined) world.violate('I1', `the import ${importId} of ${tenant} is still at ${state}`);
  for (const item of table.items.values()) {
    const record = item as unknown as ImportRecord;
    const { tenant, state, due, tidied } = record;
    if (due !== undefined && tidied !== true)
      world.violate('I1', `the import of ${tenant}, ${state}, is not tidied up`);
    checkLeftovers(world, record);
  }
  checkEffort(world, ticks);
  checkTrail(world);
};
