import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { FunctionTemplate } from './infra-template.ts';

/**
 * The context that Lambda gives one invocation, counting down the function's timeout. Nothing ends an invocation that outlives it:
 * a function of the same process cannot be stopped.
 */
export const createLambdaContext = (
  functionName: string,
  { timeout, memorySize }: Pick<FunctionTemplate, 'timeout' | 'memorySize'>,
): Context => {
  const end = performance.now() + timeout * 1000;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-north-1:000000000000:function:${functionName}`,
    memoryLimitInMB: String(memorySize),
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.round(end - performance.now())),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
};
