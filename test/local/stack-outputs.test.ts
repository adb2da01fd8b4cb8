import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { readStackOutput } from '../../local/stack-outputs.ts';

const cloudFormation = mockClient(CloudFormationClient);
afterEach(() => cloudFormation.reset());

const read = () => readStackOutput({ stage: 'prod', region: 'eu-north-1' }, 'TenantsTableName');
const stack = {
  StackName: 'serverless-reporting-prod',
  CreationTime: new Date(0),
  StackStatus: 'CREATE_COMPLETE',
} as const;

test("the output of a stage's stack is found by its key", async () => {
  const Outputs = [
    { OutputKey: 'JobsTableName', OutputValue: 'jobs' },
    { OutputKey: 'TenantsTableName', OutputValue: 'tenants' },
  ];
  cloudFormation
    .on(DescribeStacksCommand, { StackName: stack.StackName })
    .resolves({ Stacks: [{ ...stack, Outputs }] });
  expect(await read()).toBe('tenants');
});

test('a stack without it is named', async () => {
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [{ ...stack }] });
  await expect(read()).rejects.toThrow('The stack serverless-reporting-prod has no output TenantsTableName');
});

test('so is one that is not there', async () => {
  cloudFormation.on(DescribeStacksCommand).rejects(new Error('Stack with id serverless-reporting-prod does not exist'));
  await expect(read()).rejects.toThrow(/could not be described: Stack with id .* does not exist/);
});
