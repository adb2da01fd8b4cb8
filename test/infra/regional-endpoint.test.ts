import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import {
  type EndpointParameters,
  type ResolvedEndpoint,
  resolveDynamoDbEndpoint,
  resolveLogsEndpoint,
  resolveS3Endpoint,
  resolveSqsEndpoint,
} from '../../infra/regional-endpoint.ts';

type Resolve = (parameters: EndpointParameters) => ResolvedEndpoint;

/** The SDK's own rules, which the bundles do without. */
const rulesOf = (client: { readonly config: object }): Resolve => {
  const provider = Reflect.get(client.config, 'endpointProvider') as (
    asked: object,
    context: object,
  ) => ResolvedEndpoint;
  return (parameters) => provider({ UseFIPS: false, UseDualStack: false, ...parameters }, {});
};

const regions = [
  ...[
    'eu-north-1',
    'eu-central-1',
    'us-east-1',
    'ap-southeast-2',
    'ca-west-1',
    'il-central-1',
    'me-south-1',
    'sa-east-1',
  ],
  ...['af-south-1', 'mx-central-1', 'cn-north-1', 'cn-northwest-1', 'us-gov-west-1', 'eusc-de-east-1'],
];
const endpoints = [
  ...['http://127.0.0.1:4566', 'https://127.0.0.1:4566/', 'http://localhost:4566', 'https://aws.example'],
  'https://aws.example/below',
];
const buckets = ['reports', 'a-bucket-1', 'x'.repeat(63)];

const summarise = ({ url, headers, properties }: ResolvedEndpoint) => ({ url: url.href, headers, properties });

const places: readonly EndpointParameters[] = [
  ...regions.map((Region) => ({ Region })),
  ...endpoints.map((Endpoint) => ({ Region: 'eu-north-1', Endpoint })),
];

describe.each([
  ['DynamoDB', new DynamoDBClient(), resolveDynamoDbEndpoint],
  ['SQS', new SQSClient(), resolveSqsEndpoint],
  ['CloudWatch Logs', new CloudWatchLogsClient(), resolveLogsEndpoint],
] as const)('the endpoint of %s', (_name, client, resolve) => {
  it('is that of the rules of the SDK, in every region and where one is set', () => {
    const rules = rulesOf(client);
    for (const place of places) expect(summarise(resolve(place))).toEqual(summarise(rules(place)));
  });
});

describe('the endpoint of S3', () => {
  it('is that of the rules of the SDK, in every region and where one is set, for each form of a bucket', () => {
    const rules = rulesOf(new S3Client());
    for (const place of places) {
      for (const Bucket of buckets) {
        for (const ForcePathStyle of [false, true]) {
          const asked = { ...place, Bucket, ForcePathStyle };
          expect(summarise(resolveS3Endpoint(asked)), JSON.stringify(asked)).toEqual(summarise(rules(asked)));
        }
      }
    }
    const dotted = { Region: 'eu-north-1', Bucket: 'with.dots' };
    expect(summarise(resolveS3Endpoint(dotted))).toEqual(summarise(rules(dotted)));
  });
});

describe('an endpoint that the bundles do not know', () => {
  it('is refused and not guessed', () => {
    for (const Region of ['us-iso-east-1', 'us-isob-east-1', 'somewhere', '']) {
      expect(() => resolveSqsEndpoint({ Region })).toThrow(`the endpoints of the region "${Region}"`);
    }
    for (const asked of [{ UseFIPS: true }, { UseDualStack: true }, { Accelerate: true }]) {
      expect(() => resolveS3Endpoint({ Region: 'eu-north-1', Bucket: 'reports', ...asked })).toThrow(
        'FIPS, dual-stack',
      );
    }
  });
});
