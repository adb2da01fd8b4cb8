import { fileURLToPath } from 'node:url';

/** A file of a package, mostly of the AWS SDK, that is replaced: what it would do in Lambda, and why that is not wanted. */
export interface Replacement {
  /** Below `node_modules/`. */
  readonly file: string;
  readonly because: string;
  readonly contents: string;
}

const endpointsFile = fileURLToPath(new URL('./regional-endpoint.ts', import.meta.url));

const smithy = '@smithy/core/dist-es/submodules';

/** A middleware that adds nothing to a client. */
const noPlugin = (plugin: string, middleware: string, ...others: readonly string[]): string => {
  const names = [middleware, ...(others.length === 0 ? [`${middleware}Options`] : others)];
  return `export const ${plugin} = () => ({ applyToStack() {} }); export let ${names.join(', ')};`;
};

/** Every file that is replaced. What is left in the bundle stands for it; anything else would throw by its name at the first use. */
export const replacements: readonly Replacement[] = [
  {
    file: '@aws-sdk/credential-provider-node/dist-es/index.js',
    because:
      'Lambda puts credentials into the environment; SSO, profiles, web identity, processes and instance metadata are for elsewhere',
    contents: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
  },
  {
    file: `${smithy}/config/node-config-provider/fromSharedConfigFiles.js`,
    because: 'there is no ~/.aws in Lambda, and each setting that is not in the environment would be looked up in it',
    contents: `
      import { CredentialsProviderError } from '../property-provider/CredentialsProviderError';
      export const fromSharedConfigFiles = () => async () => { throw new CredentialsProviderError('not in the environment'); };`,
  },
  {
    file: `${smithy}/config/config-resolver/regionConfig/getInstanceMetadataRegion.js`,
    because: 'the region is in the environment',
    contents: 'export const getInstanceMetadataRegion = async () => undefined;',
  },
  {
    file: `${smithy}/event-streams/index.js`,
    because:
      'no operation that is used has an event stream; it is imported dynamically, which would wrap half of the SDK in lazy modules',
    contents: `
      const refuse = () => { throw new Error('event streams are not part of this bundle'); };
      export const EventStreamSerde = refuse;
      export const eventStreamSerdeProvider = refuse;
      export const resolveEventStreamSerdeConfig = (config) => config;`,
  },
  ...[
    `${smithy}/checksum/sha256/Sha256Js`,
    `${smithy}/checksum/md5/Md5Js`,
    '@aws-sdk/checksums/dist-es/submodules/sha/sha1/Sha1Js',
  ].map(
    (file): Replacement => ({
      file: `${file}.js`,
      because: 'Node has these digests',
      contents: `export const ${file.split('/').at(-1)} = undefined;`,
    }),
  ),
  ...(
    [
      ['dynamodb', 'resolveDynamoDbEndpoint'],
      ['s3', 'resolveS3Endpoint'],
      ['sqs', 'resolveSqsEndpoint'],
      ['cloudwatch-logs', 'resolveLogsEndpoint'],
    ] as const
  ).map(
    ([service, resolve]): Replacement => ({
      file: `@aws-sdk/client-${service}/dist-es/endpoint/endpointResolver.js`,
      because:
        'its rules, 26 kB for the four services, know access points, FIPS and every partition; the regional endpoint is all that is used',
      contents: `export { ${resolve} as defaultEndpointResolver } from ${JSON.stringify(endpointsFile)};`,
    }),
  ),
  {
    file: '@aws-sdk/core/dist-es/submodules/client/util-endpoints/aws.js',
    because: 'the functions of those rules, with a table of all regions',
    contents: 'export const awsEndpointFunctions = {};',
  },
  ...(
    [
      ['functions/s3ExpressMiddleware', noPlugin('getS3ExpressPlugin', 's3ExpressMiddleware')],
      [
        'functions/s3ExpressHttpSigningMiddleware',
        noPlugin('getS3ExpressHttpSigningPlugin', 's3ExpressHttpSigningMiddleware'),
      ],
      ['classes/S3ExpressIdentityProviderImpl', 'export class S3ExpressIdentityProviderImpl {}'],
    ] as const
  ).map(
    ([file, contents]): Replacement => ({
      file: `@aws-sdk/middleware-sdk-s3/dist-es/submodules/s3/middleware-s3-express/${file}.js`,
      because: 'there is no directory bucket; other buckets are signed for as they are without it',
      contents,
    }),
  ),
  {
    file: '@aws-sdk/middleware-sdk-s3/dist-es/submodules/s3/middleware-region-redirect/region-redirect-middleware.js',
    because:
      'the buckets are in the region of the functions, and redirects are not followed unless somebody turns that on',
    contents: noPlugin('getRegionRedirectMiddlewarePlugin', 'regionRedirectMiddleware'),
  },
  ...['charset', 'language'].map(
    (aspect): Replacement => ({
      file: `negotiator/lib/${aspect}.js`,
      because: 'encodings and media types are negotiated, and nothing else',
      contents: `module.exports = () => { throw new Error('${aspect}s are not negotiated'); };`,
    }),
  ),
  {
    file: `${smithy}/serde/util-stream/stream-type-check.js`,
    because:
      'to ask for the globals ReadableStream and Blob loads all web streams of Node, and nothing here passes either of them',
    contents: `
      const isA = (value, name) => value?.constructor?.name === name;
      export const isReadableStream = (value) => isA(value, 'ReadableStream');
      export const isBlob = (value) => isA(value, 'Blob');`,
  },
  {
    file: `${smithy}/retry/util-retry/AdaptiveRetryStrategy.js`,
    because: 'clients retry in the mode `standard`',
    contents: `
      export class AdaptiveRetryStrategy {
        constructor() { throw new Error('the retry mode "adaptive" is not part of this bundle'); }
      }`,
  },
  {
    file: '@aws/lambda-invoke-store/dist-es/invoke-store.js',
    because: 'a container answers one request at a time, whose trace Lambda puts into the environment',
    contents: 'export const InvokeStore = { getInstanceAsync: async () => undefined };',
  },
  {
    file: '@aws-sdk/core/dist-es/submodules/client/middleware-logger/loggerMiddleware.js',
    because: 'no client has a logger, which would be told what requests and answers hold',
    contents: noPlugin('getLoggerPlugin', 'loggerMiddleware'),
  },
  {
    file: `${smithy}/client/smithy-client/schemaLogFilter.js`,
    because: 'it serves that logger',
    contents: 'export const schemaLogFilter = () => undefined;',
  },
  {
    file: `${smithy}/serde/date-utils.js`,
    because: 'the SDK brings the same readers of times twice',
    contents: `
      export {
        _parseRfc3339DateTimeWithOffset as parseRfc3339DateTime,
        _parseRfc3339DateTimeWithOffset as parseRfc3339DateTimeWithOffset,
        _parseRfc7231DateTime as parseRfc7231DateTime,
        _parseEpochTimestamp as parseEpochTimestamp,
      } from './schema-serde-lib/schema-date-utils';
      export const dateToUtcString = (date) => date.toUTCString();`,
  },
  {
    file: '@aws-sdk/middleware-sdk-s3/dist-es/submodules/s3/middleware-ssec/middleware-ssec.js',
    because: 'what is stored is encrypted by a key of the stack, and no request brings one along',
    contents: noPlugin(
      'getSsecPlugin',
      'ssecMiddleware',
      'ssecMiddlewareOptions',
      'isValidBase64EncodedSSECustomerKey',
    ),
  },
  ...(
    [
      ['@smithy/signature-v4/dist-es/HeaderFormatter', 'it serves the signatures of event streams'],
      ['@aws-sdk/client-s3/dist-es/commands/CreateSessionCommand', 'only a directory bucket has sessions'],
      [
        '@aws-sdk/client-dynamodb/dist-es/commands/DescribeEndpointsCommand',
        'DynamoDB has a known endpoint in each region',
      ],
      [
        '@aws-sdk/core/dist-es/submodules/httpAuthSchemes/aws_sdk/AwsSdkSigV4ASigner',
        'it signs for several regions at once, as access points of several regions want it',
      ],
    ] as const
  ).map(
    ([file, because]): Replacement => ({
      file: `${file}.js`,
      because,
      contents: `export class ${file.split('/').at(-1)} {}`,
    }),
  ),
  {
    file: '@aws-sdk/endpoint-cache/dist-es/index.js',
    because: 'it serves the discovery of those endpoints, which is off unless somebody turns it on',
    contents: 'export class EndpointCache {}',
  },
  {
    file: '@aws-sdk/core/dist-es/submodules/httpAuthSchemes/aws_sdk/resolveAwsSdkSigV4AConfig.js',
    because: 'it reads which regions those are',
    contents: `
      export const resolveAwsSdkSigV4AConfig = (config) => config;
      export const NODE_SIGV4A_CONFIG_OPTIONS = { environmentVariableSelector: () => [] };`,
  },
  {
    file: `${smithy}/serde/uuid/v4.js`,
    because: 'Node has these ids',
    contents: 'export const bindV4 = () => () => crypto.randomUUID();',
  },
  {
    file: `${smithy}/config/defaults-mode/resolveDefaultsModeConfig.js`,
    because:
      'time-outs and retries are set (`client-settings.ts`), and nobody chooses other defaults by the environment',
    contents: `export const resolveDefaultsModeConfig = () => async () => 'legacy';`,
  },
  {
    file: '@aws-sdk/core/dist-es/submodules/client/emitWarningIfUnsupportedVersion.js',
    because: 'the runtime is Node 24, as the settings of the functions say',
    contents: 'export const state = {}; export const emitWarningIfUnsupportedVersion = () => {};',
  },
  {
    file: '@aws-sdk/core/dist-es/submodules/client/middleware-user-agent/check-features.js',
    because: 'it tells AWS, letter by letter in the user agent, which settings a client has',
    contents: 'export const checkFeatures = async () => {};',
  },
  {
    file: '@aws-sdk/middleware-endpoint-discovery/dist-es/configurations.js',
    because: 'nobody turns that discovery on',
    contents: 'export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = { environmentVariableSelector: () => false };',
  },
  {
    file: '@aws-sdk/middleware-sdk-s3/dist-es/submodules/s3/middleware-check-content-length-header/check-content-length-header.js',
    because: 'it warns, past the log, of bodies of unknown length; S3 refuses them',
    contents: noPlugin(
      'getCheckContentLengthHeaderPlugin',
      'checkContentLengthHeader',
      'checkContentLengthHeaderMiddlewareOptions',
    ),
  },
  {
    file: '@aws-sdk/middleware-sdk-s3/dist-es/submodules/s3/middleware-s3-expires/s3-expires-middleware.js',
    because: 'nothing is stored with the header Expires',
    contents: noPlugin('getS3ExpiresMiddlewarePlugin', 's3ExpiresMiddleware'),
  },
  {
    file: '@aws-sdk/core/dist-es/submodules/account-id-endpoint/index.js',
    because: 'the regional endpoint serves every account',
    contents: `
      export const resolveAccountIdEndpointModeConfig = (config) => config;
      export const NODE_ACCOUNT_ID_ENDPOINT_MODE_CONFIG_OPTIONS = { environmentVariableSelector: () => 'disabled' };`,
  },
  {
    file: '@aws-sdk/signature-v4-multi-region/dist-es/SignatureV4MultiRegion.js',
    because: 'it signs for one region by this class, and for several by a package that is not installed',
    contents: `export { SignatureV4SignWithCredentials as SignatureV4MultiRegion } from './SignatureV4SignWithCredentials';`,
  },
];
