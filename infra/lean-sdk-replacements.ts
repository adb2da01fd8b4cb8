import { libraryReplacements } from './lean-library-replacements.ts';
import { s3Replacements } from './lean-s3-replacements.ts';
import { noPlugin, pathOf, type Replacement, smithy } from './replacement.ts';

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
      contents: `export { ${resolve} as defaultEndpointResolver } from ${pathOf('./regional-endpoint.ts')};`,
    }),
  ),
  {
    file: '@aws-sdk/core/dist-es/submodules/client/util-endpoints/aws.js',
    because: 'the functions of those rules, with a table of all regions',
    contents: 'export const awsEndpointFunctions = {};',
  },
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
    because: 'Node has these ids; asked of the global `crypto` it loads all of Web Crypto',
    contents: `import { randomUUID } from 'node:crypto'; export const bindV4 = () => randomUUID;`,
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
    file: '@aws-sdk/core/dist-es/submodules/account-id-endpoint/index.js',
    because: 'the regional endpoint serves every account',
    contents: `
      export const resolveAccountIdEndpointModeConfig = (config) => config;
      export const NODE_ACCOUNT_ID_ENDPOINT_MODE_CONFIG_OPTIONS = { environmentVariableSelector: () => 'disabled' };`,
  },
  ...['cloudwatch-logs', 'dynamodb', 's3', 'sqs', 'ssm'].map(
    (service): Replacement => ({
      file: `@aws-sdk/client-${service}/dist-es/runtimeExtensions.js`,
      because: 'no client is given an extension, and what they would change is read and written back unchanged',
      contents: 'export const resolveRuntimeExtensions = (config) => config;',
    }),
  ),
  {
    file: `${smithy}/retry/middleware-retry/isStreamingPayload/isStreamingPayload.js`,
    because: 'to ask for the global ReadableStream loads all web streams of Node, and nothing here sends one',
    contents: `
      import { Readable } from 'node:stream';
      export const isStreamingPayload = (request) => request?.body instanceof Readable;`,
  },
  {
    file: `${smithy}/serde/util-stream/createBufferedReadable.js`,
    because: 'nobody sets the buffer size of a stream that is sent',
    contents: `export const createBufferedReadable = () => { throw new Error('buffered streams are not part of this bundle'); };`,
  },
  {
    file: `${smithy}/serde/util-body-length/calculateBodyLength.js`,
    because:
      'to ask for the class of files that are read as streams loads the promises of `fs`, and with them `readline`; no file is sent',
    contents: `
      export const calculateBodyLength = (body) => {
        if (!body) return 0;
        if (typeof body === 'string') return Buffer.byteLength(body);
        if (typeof body.byteLength === 'number') return body.byteLength;
        throw new Error(\`Body Length computation failed for \${body}\`);
      };`,
  },
  {
    file: `${smithy}/checksum/sha256/Sha256Node.js`,
    because: 'it hands Node the key of each signature in a form that takes four times as long',
    contents: `export { Sha256Node } from ${pathOf('./native-sha256.ts')};`,
  },
  ...s3Replacements,
  ...libraryReplacements,
];
