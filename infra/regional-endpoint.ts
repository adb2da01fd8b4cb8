/** What the SDK asks for an endpoint with, as far as it matters here. */
export interface EndpointParameters {
  readonly Region?: string | undefined;
  /** From `AWS_ENDPOINT_URL…`. */
  readonly Endpoint?: string | undefined;
  readonly Bucket?: string | undefined;
  readonly ForcePathStyle?: boolean | undefined;
  readonly UseFIPS?: boolean | undefined;
  readonly UseDualStack?: boolean | undefined;
  readonly Accelerate?: boolean | undefined;
}

/** An endpoint as the SDK takes it: where to, and how to sign. */
export interface ResolvedEndpoint {
  readonly url: URL;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Domains by the first part of a region's name: China and the European Sovereign Cloud have their own. */
const domains: Readonly<Record<string, string>> = { cn: 'amazonaws.com.cn', eusc: 'amazonaws.eu' };

const commonRegion = /^(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)-[a-z]+(?:-[a-z]+)?-\d$/;

const findUrl = (service: string, { Region = '', Endpoint, ...asked }: EndpointParameters): URL => {
  if (asked.UseFIPS === true || asked.UseDualStack === true || asked.Accelerate === true) {
    throw new Error('FIPS, dual-stack and accelerated endpoints are not part of this bundle');
  }
  if (Endpoint !== undefined) return new URL(Endpoint);
  if (!commonRegion.test(Region) || Region.includes('iso')) {
    throw new Error(`the endpoints of the region "${Region}" are not part of this bundle`);
  }
  return new URL(`https://${service}.${Region}.${domains[Region.split('-', 1)[0] ?? ''] ?? 'amazonaws.com'}`);
};

const createResolver =
  (service: string) =>
  (parameters: EndpointParameters): ResolvedEndpoint => ({
    url: findUrl(service, parameters),
    headers: {},
    properties: {},
  });

/** The regional endpoint of DynamoDB, or the one that is set. */
export const resolveDynamoDbEndpoint = createResolver('dynamodb');

/** The regional endpoint of SQS, or the one that is set. */
export const resolveSqsEndpoint = createResolver('sqs');

/** The regional endpoint of CloudWatch Logs, or the one that is set. */
export const resolveLogsEndpoint = createResolver('logs');

/** A bucket's name is part of the host where a certificate for `*.s3…` covers it, and else the first part of the path. */
const addBucket = (url: URL, bucket: string, isPath: boolean): URL => {
  const named = new URL(url);
  const isAddress = /^[\d.]+$|^\[/.test(url.hostname);
  if (isPath || isAddress || !/^[a-z\d][a-z\d-]{1,61}[a-z\d]$/.test(bucket)) {
    named.pathname = `${url.pathname.replace(/\/$/, '')}/${bucket}`;
  } else named.hostname = `${bucket}.${url.hostname}`;
  return named;
};

/**
 * The endpoint of a bucket in its region, or in a store that is set. Of names of buckets only those: no access points, no directory
 * buckets.
 */
export const resolveS3Endpoint = (parameters: EndpointParameters): ResolvedEndpoint => {
  const { Bucket, ForcePathStyle = false, Region: signingRegion } = parameters;
  const url = findUrl('s3', parameters);
  return {
    url: Bucket === undefined ? url : addBucket(url, Bucket, ForcePathStyle),
    headers: {},
    properties: {
      authSchemes: [{ name: 'sigv4', signingName: 's3', signingRegion, disableDoubleEncoding: true }],
    },
  };
};
