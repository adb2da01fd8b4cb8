import type { Template } from '../../infra/checks/template.ts';
import { packageTemplate } from '../../infra/package-template.ts';

/** The region that the tests look at; the others differ in `infra/regions/` alone, and are packaged by `npm run check-regions`. */
export const testedRegion = 'eu-west-1';

let packaged: Promise<Template> | undefined;

/** The template of stage `prod`, packaged once for all test files that share a process. Not to be changed: tests that do take a copy. */
export const packageService = (): Promise<Template> => {
  packaged ??= packageTemplate(testedRegion, 'prod', [], ({ template }) => template);
  return packaged;
};
