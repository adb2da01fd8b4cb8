import {
  type Check,
  dig,
  finding,
  refersTo,
  resourcesOf,
  type Statement,
  statementsOf,
  type Template,
  textOf,
} from './template.ts';

const bucketsOf = (template: Template) => resourcesOf(template, 'AWS::S3::Bucket');

/** Holds code and templates alone, and is made by osls. */
const deploymentBucket = 'ServerlessDeploymentBucket';

/** Those that hold tenants' data. */
const tenantBucketsOf = (template: Template) => bucketsOf(template).filter(([id]) => id !== deploymentBucket);

const rulesOf = (properties: unknown): readonly Readonly<Record<string, unknown>>[] =>
  (dig(properties, 'LifecycleConfiguration', 'Rules') ?? []) as Readonly<Record<string, unknown>>[];

const policyOf = (template: Template, bucket: string): readonly Statement[] =>
  resourcesOf(template, 'AWS::S3::BucketPolicy')
    .filter(([, { Properties }]) => refersTo(Properties['Bucket'], bucket))
    .flatMap(([, { Properties }]) => statementsOf(Properties['PolicyDocument']));

const checkPrivate: Check = (template) =>
  bucketsOf(template)
    .filter(([, { Properties }]) =>
      ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'].some(
        (name) => dig(Properties, 'PublicAccessBlockConfiguration', name) !== true,
      ),
    )
    .map(([id]) => finding('bucket-private', id, 'public access has to be blocked in all four ways'));

const checkOwner: Check = (template) =>
  bucketsOf(template)
    .filter(
      ([, { Properties }]) =>
        dig(Properties, 'OwnershipControls', 'Rules', 0, 'ObjectOwnership') !== 'BucketOwnerEnforced',
    )
    .map(([id]) => finding('bucket-owner', id, 'objects belong to the bucket (BucketOwnerEnforced), without ACLs'));

const checkEncryption: Check = (template) =>
  tenantBucketsOf(template)
    .filter(([, { Properties }]) => {
      const rule = dig(Properties, 'BucketEncryption', 'ServerSideEncryptionConfiguration', 0);
      const { SSEAlgorithm, KMSMasterKeyID } = (dig(rule, 'ServerSideEncryptionByDefault') ?? {}) as Record<
        string,
        unknown
      >;
      return (
        SSEAlgorithm !== 'aws:kms' ||
        !refersTo(KMSMasterKeyID, 'EncryptionKey') ||
        dig(rule, 'BucketKeyEnabled') !== true
      );
    })
    .map(([id]) => finding('bucket-encryption', id, "has to be encrypted with the stack's key, and a bucket key"));

const isTlsOnly = ({ Effect, Action, Principal, Condition, Resource }: Statement, bucket: string): boolean =>
  Effect === 'Deny' &&
  Action.includes('s3:*') &&
  Principal === '*' &&
  String(dig(Condition, 'Bool', 'aws:SecureTransport')) === 'false' &&
  refersTo(Resource, bucket) &&
  textOf(Resource).includes('/*');

const checkTls: Check = (template) =>
  bucketsOf(template)
    .filter(([id]) => !policyOf(template, id).some((statement) => isTlsOnly(statement, id)))
    .map(([id]) =>
      finding('bucket-tls-only', id, 'its policy has to deny everything without TLS, to the bucket and its objects'),
    );

const checkCreateOnly: Check = (template) =>
  policyOf(template, 'ContentBucket').some(
    ({ Effect, Action, Principal, Condition }) =>
      Effect === 'Deny' &&
      Action.includes('s3:PutObject') &&
      Principal === '*' &&
      String(dig(Condition, 'Null', 's3:if-none-match')) === 'true',
  )
    ? []
    : [
        finding(
          'content-create-only',
          'ContentBucket',
          'its policy has to deny s3:PutObject without If-None-Match (I2)',
        ),
      ];

const checkVersions: Check = ({ Resources }) => [
  ...(dig(Resources['ContentBucket'], 'Properties', 'VersioningConfiguration') === undefined
    ? []
    : [finding('content-unversioned', 'ContentBucket', 'versions would outlive DELETE (I12)')]),
  ...(dig(Resources['DataBucket'], 'Properties', 'VersioningConfiguration', 'Status') === 'Enabled'
    ? []
    : [finding('data-versioned', 'DataBucket', 'a replaced data set could not be brought back')]),
];

const checkLifecycle: Check = (template) =>
  tenantBucketsOf(template).flatMap(([id, { Properties }]) => {
    const rules = rulesOf(Properties).filter(({ Status }) => Status === 'Enabled');
    const isVersioned = dig(Properties, 'VersioningConfiguration', 'Status') === 'Enabled';
    return [
      ...(rules.some((rule) => 'AbortIncompleteMultipartUpload' in rule)
        ? []
        : ['parts of uploads that broke off have to go']),
      ...(!isVersioned || rules.some((rule) => 'NoncurrentVersionExpiration' in rule)
        ? []
        : ['old versions have to go']),
    ].map((problem) => finding('bucket-lifecycle', id, problem));
  });

/** What buckets have to be: nobody's but the account's, encrypted, over TLS, and without what should be gone. */
export const bucketChecks: readonly Check[] = [
  checkPrivate,
  checkOwner,
  checkEncryption,
  checkTls,
  checkCreateOnly,
  checkVersions,
  checkLifecycle,
];
