import { bucketChecks } from './bucket-checks.ts';
import { functionChecks } from './function-checks.ts';
import { queueChecks } from './queue-checks.ts';
import { roleChecks } from './role-checks.ts';
import { checkCell, serviceChecks } from './service-checks.ts';
import { storageChecks } from './storage-checks.ts';
import type { Check, Finding, Template } from './template.ts';

/** Every check of our own; what AWS's schemas demand is looked at by `validate-template.ts`. */
const checks: readonly Check[] = [
  ...bucketChecks,
  ...storageChecks,
  ...queueChecks,
  ...functionChecks,
  ...roleChecks,
  ...serviceChecks,
];

/**
 * Everything that is wrong with a template of stage `prod`, by our own checks: nothing, when all is well.
 *
 * @param region the one that it was packaged for
 */
export const findProblems = (template: Template, region: string): readonly Finding[] =>
  [...checks, checkCell(region)].flatMap((check) => check(template));
