import { existsSync, globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** A file of the AWS SDK that is replaced: what it would do in Lambda, and why that is not wanted. */
interface Replacement {
  /** Below `node_modules/`. */
  readonly file: string;
  readonly because: string;
  readonly contents: string;
}

const endpointsFile = fileURLToPath(new URL('./regional-endpoint.ts', import.meta.url));

const smithy = '@smithy/core/dist-es/submodules';

/** A middleware that adds nothing to a client. */
const noPlugin = (plugin: string, middleware: string): string =>
  `export const ${plugin} = () => ({ applyToStack() {} }); export let ${middleware}, ${middleware}Options;`;

/** What is left in the bundle stands for it; anything else would throw by its name at the first use. */
const replacements: readonly Replacement[] = [
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
  {
    file: '@aws-sdk/endpoint-cache/dist-es/index.js',
    because: 'DynamoDB has a known endpoint in each region; its discovery is off unless somebody turns it on',
    contents: 'export class EndpointCache {}',
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
    file: '@aws-sdk/signature-v4-multi-region/dist-es/SignatureV4MultiRegion.js',
    because: 'it signs for one region by this class, and for several by a package that is not installed',
    contents: `export { SignatureV4SignWithCredentials as SignatureV4MultiRegion } from './SignatureV4SignWithCredentials';`,
  },
];

/** What a browser would use in place of Node's streams; each of its exports refuses. */
const refuseAll = (source: string): string => {
  const names = [...source.matchAll(/^export (?:const|class|function|async function) (\w+)/gm)].map(([, name]) => name);
  return `const refuse = function () { throw new Error('web streams are not part of this bundle'); };
    export { ${names.map((name) => `refuse as ${name}`).join(', ')} };`;
};

const escapePattern = (text: string): string => text.replaceAll(/[.+]/g, '\\$&');

/** Names that our own code imports from an SDK client: error classes among them are what it tells errors by. */
const readImportedNames = (root: string): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const file of globSync('functions/**/*.ts', { cwd: root })) {
    const source = readFileSync(`${root}/${file}`, 'utf8');
    for (const [, list = ''] of source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-/g)) {
      for (const [name] of list.matchAll(/\w+/g)) names.add(name);
    }
  }
  return names;
};

/**
 * A schema file describes every operation and error of a service. Its keys are constants (`[_h]: …`), which a bundler has to take for
 * something with effects; written out, everything that no operation in use refers to can go. So can the classes of errors that our
 * code does not tell by their class: they come as the service's general exception, with the same name, status and message.
 */
const leanSchemas = (source: string, keep: ReadonlySet<string>): string => {
  const texts = new Map(
    [...source.matchAll(/^const (_\w+) = ("[^"\n]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  if (texts.size === 0) throw new Error('the schema files of the SDK have another form now');
  return source
    .replaceAll(/\[(_\w+)\]: /g, (all, name: string) => (texts.has(name) ? `${texts.get(name)}: ` : all))
    .replaceAll(/^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm, (all, name: string) => (keep.has(name) ? all : ''));
};

/**
 * Takes out of the AWS SDK what a function in Lambda never uses.
 *
 * @param root the project's folder
 * @throws Error at build time when an update of the SDK has moved what is replaced
 */
export const createLeanSdkPlugin = (root: string): Plugin => ({
  name: 'lean-sdk',
  setup(build) {
    const imported = readImportedNames(root);
    for (const { file, contents } of replacements) {
      if (!existsSync(`${root}/node_modules/${file}`)) throw new Error(`the SDK has no ${file} any more`);
      const filter = new RegExp(`/node_modules/${escapePattern(file)}$`);
      build.onLoad({ filter }, () => ({ contents, loader: 'js' }));
    }
    build.onLoad({ filter: /\/serde\/util-stream\/.*\.browser\.js$/ }, async ({ path }) => ({
      contents: refuseAll(await readFile(path, 'utf8')),
      loader: 'js',
    }));
    build.onLoad({ filter: /\/node_modules\/@aws-sdk\/.*\/schemas_0\.js$/ }, async ({ path }) => ({
      contents: leanSchemas(await readFile(path, 'utf8'), imported),
      loader: 'js',
    }));
    // Of its own package.json a client needs the version, for the user agent.
    build.onLoad({ filter: /\/node_modules\/@aws-sdk\/.*\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
});
