import { describe, expect, it } from 'vitest';
import { addLiveAliases, aliasFunctions } from '../../infra/live-aliases.ts';

describe('a live alias', () => {
  it('is what osls lets the events of a function point at', () => {
    const functions = { api: {}, worker: {} };
    aliasFunctions(functions);
    expect(functions).toEqual({
      api: { targetAlias: { name: 'live', logicalId: 'ApiLiveAlias' } },
      worker: { targetAlias: { name: 'live', logicalId: 'WorkerLiveAlias' } },
    });
  });

  it('points at the version of this run, which is kept when the next one replaces it, and goes when its own deployment is rolled back', () => {
    const resources: Record<string, object> = { Version1: { Type: 'AWS::Lambda::Version', DeletionPolicy: 'Retain' } };
    addLiveAliases({ api: { versionLogicalId: 'Version1' } }, resources);
    expect(resources).toEqual({
      Version1: {
        Type: 'AWS::Lambda::Version',
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      },
      ApiLiveAlias: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: { Ref: 'ApiLambdaFunction' },
          FunctionVersion: { 'Fn::GetAtt': ['Version1', 'Version'] },
          Name: 'live',
        },
      },
    });
  });

  it('is refused to a function that has no version', () => {
    expect(() => addLiveAliases({ api: {} }, {})).toThrow('The function api has no version');
  });
});
