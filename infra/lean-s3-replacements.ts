import { noPlugin, type Replacement } from './replacement.ts';

/** What the client of S3 has for buckets and objects of other kinds than those of this service. */
export const s3Replacements: readonly Replacement[] = [
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
    file: '@aws-sdk/signature-v4-multi-region/dist-es/SignatureV4MultiRegion.js',
    because:
      'it signs for one region by this class, for several by a package that is not installed, and with a session of a directory bucket',
    contents: `export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4';`,
  },
  {
    file: '@aws-sdk/client-s3/dist-es/auth/httpAuthSchemeProvider.js',
    because:
      'it resolves the endpoint of each request twice, for the scheme of its signature; a regional endpoint names none, and then it is this one',
    contents: `
      import { resolveAwsSdkSigV4Config } from '@aws-sdk/core/httpAuthSchemes';
      import { getSmithyContext, normalizeProvider } from '@smithy/core/client';
      export const defaultS3HttpAuthSchemeParametersProvider = async (config, context) => ({
        operation: getSmithyContext(context).operation,
        region: await normalizeProvider(config.region)(),
      });
      export const defaultS3HttpAuthSchemeProvider = ({ region }) => [{
        schemeId: 'aws.auth#sigv4',
        signingProperties: { name: 's3', region },
        propertiesExtractor: (config, context) => ({ signingProperties: { config, context } }),
      }];
      export const resolveHttpAuthSchemeConfig = (config) => Object.assign(resolveAwsSdkSigV4Config(config), {
        authSchemePreference: normalizeProvider(config.authSchemePreference ?? []),
      });`,
  },
];
