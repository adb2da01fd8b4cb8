import { beforeAll, describe, expect, it } from 'vitest';
import type { Template } from '../../../infra/checks/template.ts';
import { decide } from '../../../infra/iam/decide.ts';
import { permissions } from '../../../infra/iam/permissions.ts';
import { packageService, testedRegion } from '../package-service.ts';

let template: Template;
beforeAll(async () => {
  template = await packageService();
}, 120_000);

describe('what IAM answers by the packaged policies', () => {
  it('has forty calls at least, refused ones among them, of every role', () => {
    expect(permissions.length).toBeGreaterThanOrEqual(40);
    expect(permissions.filter(({ decision }) => decision !== 'allowed').length).toBeGreaterThanOrEqual(20);
    const roles = Object.entries(template.Resources).flatMap(([id, { Type }]) =>
      Type === 'AWS::IAM::Role' ? [id] : [],
    );
    expect(permissions.map(({ principal }) => principal)).toEqual(expect.arrayContaining(roles));
  });

  it.each(permissions)('$principal: $action on $resource $when: $decision', async (permission) => {
    expect(await decide(template, testedRegion, permission)).toBe(permission.decision);
  });

  it('is not asked about calls that AWS does not have', async () => {
    const call = { principal: 'ApiRole', action: 's3:ReadObject', resource: 'ContentBucket/x' };
    await expect(decide(template, testedRegion, call)).rejects.toThrow();
    const unknown = { principal: 'ApiRole', action: 's3:GetObject', resource: 'NoBucket/x' };
    await expect(decide(template, testedRegion, unknown)).rejects.toThrow('the template has no NoBucket');
  });
});
