import { describe, expect, it } from 'vitest';
import { layParameters, listRegions, readOverrides, readParameters } from '../../infra/read-parameters.ts';

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

describe('the layers of parameters', () => {
  const stages = {
    default: { workers: 10, allowedResidency: 'any', domainName: '', certificateArn: '', baseUrl: 'gateway' },
    dev: {},
    prod: { workers: 20, allowedResidency: 'EU' },
  };
  const lay = (region: Record<string, Record<string, unknown>>, stage: string, overrides = {}) =>
    layParameters({ stages, region, overrides }, 'eu-north-1', stage);

  it('are defaults, region, stage, what the region says of the stage, and the command line', () => {
    const region = { default: { residency: 'EU', workers: 15 }, prod: { workers: 30 } };
    expect(lay({ default: { residency: 'EU' } }, 'dev')).toMatchObject({ workers: 10, stage: 'dev' });
    expect(lay(region, 'dev')).toMatchObject({ workers: 15 });
    expect(lay({ default: { residency: 'EU', workers: 15 } }, 'prod')).toMatchObject({ workers: 20 });
    expect(lay(region, 'prod')).toMatchObject({ workers: 30 });
    expect(lay(region, 'prod', { workers: '40' })).toMatchObject({ workers: '40' });
  });

  it('give a domain of its own as the public address, unless another one is named', () => {
    const given = { domainName: 'reports.example', certificateArn: 'arn' };
    const region = { default: { residency: 'EU' } };
    expect(lay(region, 'prod')).toMatchObject({ domain: 'gateway', baseUrl: 'gateway' });
    expect(lay(region, 'prod', given)).toMatchObject({ domain: 'own', baseUrl: 'https://reports.example/fhir' });
    expect(lay(region, 'prod', { ...given, baseUrl: 'https://x/fhir' })).toMatchObject({ baseUrl: 'https://x/fhir' });
  });

  it.each([
    [
      'a parameter that there is not',
      { default: { residency: 'EU', worker: 1 } },
      {},
      'infra/regions/eu-north-1.yml, default: there is no parameter worker',
    ],
    [
      'a stage that there is not',
      { default: { residency: 'EU' }, prd: {} },
      {},
      'has a section prd, and there is no such stage',
    ],
    ['a region that does not say where it is', { default: {} }, {}, 'does not say residency'],
    ['a region where data may not rest', { default: { residency: 'US' } }, {}, 'lets data rest in EU alone'],
    [
      'a domain without a certificate',
      { default: { residency: 'EU' } },
      { domainName: 'x.test' },
      'wants a certificateArn',
    ],
    [
      'a parameter of the command line that there is not',
      { default: { residency: 'EU' } },
      { worker: '1' },
      '--param, on the command line: there is no parameter worker',
    ],
  ])('refuse %s', (_name, region, overrides, message) => {
    expect(() => lay(region as Record<string, Record<string, unknown>>, 'prod', overrides)).toThrow(message);
  });

  it('are read from the command line as name=value', () => {
    expect(readOverrides(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
    expect(() => readOverrides(['a'])).toThrow('--param is name=value, and a is not.');
  });
});
