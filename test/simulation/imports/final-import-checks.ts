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

/** Everything about imports is over and tidied up. */
export const areImportsAtRest = ({ imports }: World): boolean =>
  imports.queue.isEmpty() &&
  !imports.table.isLagging() &&
  [...imports.table.items.values()].every(({ due }) => due === undefined);

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

/** What has to hold of imports once all is quiet. */
export const checkImports = (world: World, ticks: number): void => {
  const { facts, table } = world.imports;
  for (const [importId, { tenant, ended, state }] of facts)
    if (ended === undefined) world.violate('I1', `the import ${importId} of ${tenant} is still at ${state}`);
  for (const item of table.items.values()) {
    const { tenant, state, due } = item as unknown as ImportRecord;
    if (due !== undefined) world.violate('I1', `the import of ${tenant}, ${state}, is not tidied up`);
  }
  checkEffort(world, ticks);
  checkTrail(world);
};
