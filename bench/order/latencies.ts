/** After how long the services of AWS answer in the experiment, in milliseconds: single small requests from a function in the same region. */
export const latencies = { dynamodb: 5, s3: 22, sqs: 8, logs: 10 } as const;
