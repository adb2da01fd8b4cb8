import { apiBugs } from './api-bugs.ts';
import { dispatcherBugs } from './dispatcher-bugs.ts';
import { importerBugs } from './importer-bugs.ts';
import type { SeededBug } from './seeded-bug.ts';
import { summaryBugs } from './summary-bugs.ts';
import { workerBugs } from './worker-bugs.ts';

/** Every seeded bug. Each has to be found. */
export const seededBugs: readonly SeededBug[] = [
  ...apiBugs,
  ...workerBugs,
  ...dispatcherBugs,
  ...summaryBugs,
  ...importerBugs,
];
