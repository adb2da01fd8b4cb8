import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { findRedriveResources } from '../../local/redrive-resources.ts';

const cloudFormation = mockClient(CloudFormationClient);
afterEach(() => cloudFormation.reset());

test("a stage's table and queues are found by the outputs of its stack, in the region that was named", async () => {
  const Outputs = ['JobsTableName', 'ReportQueueUrl', 'DeadLetterQueueUrl', 'TenantsTableName'].map((OutputKey) => ({
    OutputKey,
    OutputValue: `the ${OutputKey}`,
  }));
  const Stacks = [{ StackName: 'x', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' as const, Outputs }];
  cloudFormation.on(DescribeStacksCommand, { StackName: 'serverless-reporting-prod' }).resolves({ Stacks });
  expect(await findRedriveResources({ stage: 'prod', region: 'eu-north-1' })).toEqual({
    jobsTable: 'the JobsTableName',
    reportQueueUrl: 'the ReportQueueUrl',
    deadLetterQueueUrl: 'the DeadLetterQueueUrl',
    tenantsTable: 'the TenantsTableName',
    region: 'eu-north-1',
  });
});

test('or they are named one by one', async () => {
  const named = { table: 't', queue: 'q', 'dead-letters': 'd', region: 'eu-west-1' };
  const found = { jobsTable: 't', reportQueueUrl: 'q', deadLetterQueueUrl: 'd', region: 'eu-west-1' };
  expect(await findRedriveResources(named)).toEqual(found);
});

test.each([
  [{ stage: 'prod', table: 't' }, '--table, --queue and --dead-letters exclude --stage'],
  [{ table: 't', queue: 'q' }, '--table, --queue and --dead-letters go together'],
  [{ table: 't', queue: 'q', 'dead-letters': 'q' }, '--queue and --dead-letters name the same queue'],
  [{ region: 'eu-north-1' }, '--region goes with --stage'],
])('%j is a wrong call', async (wishes, message) => {
  await expect(findRedriveResources(wishes)).rejects.toThrow(message);
});
