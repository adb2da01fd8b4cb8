// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation and the framework write placeholders so.
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../infra/parse-template.ts';
import { resolveTemplate, type TemplateScope } from '../../local/resolve-template.ts';

const scope: TemplateScope = {
  parameters: { days: 90, base: { 'Fn::Sub': 'https://${Api}/x' } },
  ref: (id) => `ref-${id}`,
  getAtt: (id, attribute) => `${id}-${attribute}`,
};

describe('a template', () => {
  it.each([
    ['!Ref Table', 'ref-Table'],
    ['!GetAtt Queue.Arn', 'Queue-Arn'],
    ['!GetAtt [Queue, Arn]', 'Queue-Arn'],
    ['!Sub ${Bucket.Arn}/*', 'Bucket-Arn/*'],
    ['!Sub "${Api}/fhir"', 'ref-Api/fhir'],
    ['{ Ref: Table }', 'ref-Table'],
    ['${param:days}', 90],
    ['${param:base}', 'https://ref-Api/x'],
    ['[{ a: !Ref T, b: 1, c: true }]', [{ a: 'ref-T', b: 1, c: true }]],
    ["'90'", '90'],
  ])('with %s gives %j', (text, resolved) => {
    expect(resolveTemplate(parseTemplate(text), scope)).toEqual(resolved);
  });

  it('fails on a parameter that there is not', () => {
    expect(() => resolveTemplate('${param:nothing}', scope)).toThrow('nothing');
  });
});
