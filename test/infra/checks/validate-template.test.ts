import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Template } from '../../../infra/checks/template.ts';
import { createTemplateValidator, type TemplateValidator } from '../../../infra/checks/validate-template.ts';
import { packageService, testedRegion } from '../package-service.ts';

let folder: string;
let template: Template;
let validator: TemplateValidator;
beforeAll(async () => {
  [folder, template] = await Promise.all([mkdtemp(join(tmpdir(), 'validate-')), packageService()]);
  validator = createTemplateValidator();
}, 120_000);
afterAll(async () => {
  validator.free();
  await rm(folder, { recursive: true });
});

/** What the validator says of a template with changed resources, beyond what is explained. */
const unexplained = async (change: Readonly<Record<string, object>>): Promise<string[]> => {
  const file = join(folder, 'template.json');
  await writeFile(file, JSON.stringify({ ...template, Resources: { ...template.Resources, ...change } }));
  return validator
    .validate(file, testedRegion)
    .filter(({ reason }) => reason === undefined)
    .map(({ ruleId }) => ruleId);
};

const queue = (more: object) => ({
  ReportQueue: { Type: 'AWS::SQS::Queue', Properties: { ...template.Resources['ReportQueue']?.Properties, ...more } },
});

describe("AWS's validator", () => {
  it('finds nothing in the packaged template but what is explained', async () => {
    expect(await unexplained({})).toEqual([]);
  });

  it.each([
    ['a property that there is not', { VisibilityTimeOut: 1800 }, 'F3002'],
    ['a value beyond its bounds', { MessageRetentionPeriod: 9_999_999 }, 'F3034'],
    ['a reference to nothing', { KmsMasterKeyId: { Ref: 'NoKey' } }, 'F1020'],
  ])('finds %s', async (_name, more, rule) => {
    expect(await unexplained(queue(more))).toContain(rule);
  });

  it('finds a type that there is not, and a note that nobody has explained for this resource', async () => {
    expect(await unexplained({ Odd: { Type: 'AWS::SQS::Queues', Properties: {} } })).toContain('F3006');
    const table = { Type: 'AWS::DynamoDB::Table', Properties: template.Resources['JobsTable']?.Properties };
    expect(await unexplained({ JobsTable: table })).toContain('I3011');
  });
});
