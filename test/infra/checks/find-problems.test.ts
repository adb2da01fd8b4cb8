// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes placeholders so.
import { beforeAll, describe, expect, it } from 'vitest';
import { findProblems } from '../../../infra/checks/find-problems.ts';
import { checkNames, type Template } from '../../../infra/checks/template.ts';
import { packageService, testedRegion } from '../package-service.ts';
import { type SeededBug, seededBugs } from './seeded-bugs.ts';

let template: Template;
beforeAll(async () => {
  template = await packageService();
}, 120_000);

const namesFor = ({ seed }: SeededBug): readonly string[] => {
  const copy = structuredClone(template);
  seed(copy.Resources as Parameters<SeededBug['seed']>[0]);
  return findProblems(copy, testedRegion).map(({ check }) => check);
};

describe('the packaged template', () => {
  it('has no problem', () => {
    expect(findProblems(template, testedRegion)).toEqual([]);
  });

  it('names no region, its own neither: it is the same in each', () => {
    expect(findProblems(template, 'us-east-1')).toEqual([]);
    expect(JSON.stringify(template)).not.toContain(testedRegion);
  });
});

describe('a bug that was seeded in it', () => {
  it.each(seededBugs)('$bug is caught by $check', (one) => {
    expect(namesFor(one)).toContain(one.check);
  });

  it('there is for each of the checks', () => {
    expect([...new Set(seededBugs.map(({ check }) => check))].sort()).toEqual([...checkNames].sort());
  });
});
