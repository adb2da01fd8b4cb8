import { describe, expect, it } from 'vitest';
import { listRegions, readParameters } from '../../infra/read-parameters.ts';

describe('the parameters', () => {
  it.each(listRegions())('of %s lay the stage over the region, and the region over the defaults', (region) => {
    const prod = readParameters(region, 'prod');
    expect(prod).toMatchObject({ residency: 'EU', workers: 10, auditRetentionDays: 1827, deletionProtection: true });
    expect(readParameters(region, 'dev')).toMatchObject({ residency: 'EU', workers: 10, deletionProtection: false });
    expect(prod['country']).toMatch(/^[A-Z]{2}$/);
  });

  it('are those of dev in eu-north-1 where nothing is named', () => {
    expect(readParameters()).toEqual(readParameters('eu-north-1', 'dev'));
  });

  it('know three regions at least', () => {
    expect(listRegions()).toEqual(expect.arrayContaining(['eu-central-1', 'eu-north-1', 'eu-west-1']));
  });

  it.each([
    [
      'a region without a file',
      ['eu-south-2', 'prod'],
      'add infra/regions/eu-south-2.yml, after the example of another one',
    ],
    ['a stage without a section', ['eu-north-1', 'uat'], 'add a section uat to infra/stages.yml (dev, prod)'],
    ['the defaults, which are no stage', ['eu-north-1', 'default'], 'Nothing is known of the stage default'],
    ['what is no region', ['../secrets', 'prod'], '../secrets is not the name of an AWS region.'],
  ] as const)('tell which file to change for %s', (_name, [region, stage], message) => {
    expect(() => readParameters(region, stage)).toThrow(message);
  });
});
