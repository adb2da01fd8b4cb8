import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dropUnusedMembers } from '../../infra/drop-unused-members.ts';

const root = new URL('../../', import.meta.url).pathname;
const read = (service: string) =>
  readFileSync(`${root}node_modules/@aws-sdk/client-${service}/dist-es/schemas/schemas_0.js`, 'utf8');
const textsOf = (source: string) =>
  new Map([...source.matchAll(/^const (_\w+) = ("[^"\n]*");$/gm)].map(([, name = '', text = '']) => [name, text]));
const drop = (service: string, source: string, ours = '') => dropUnusedMembers(service, source, textsOf(source), ours);

/** The members of a structure and what each is, as the file writes them. */
const membersOf = (source: string, structure: string) => {
  const [, names = '', kinds = ''] =
    new RegExp(`^export var ${structure}\\$ = \\[.*\\n.*\\n {4}\\[(.*)\\],\\n {4}\\[(.*)\\]`, 'm').exec(source) ?? [];
  const texts = textsOf(source);
  const named = (text: string): string => text.replaceAll(/_\w+/g, (name) => JSON.parse(texts.get(name) ?? '""'));
  return { kinds: named(kinds), names: named(names).split(', ') };
};

describe('what a client of the SDK knows of its requests', () => {
  const s3 = drop('s3', read('s3'));
  test('loses the members that nobody sends or reads', () => {
    expect(membersOf(read('s3'), 'GetObjectRequest').names).toContain('SSECustomerKey');
    expect(membersOf(s3, 'GetObjectRequest').names).toEqual([
      ...['Bucket', 'Key', 'IfMatch', 'IfNoneMatch', 'Range', 'ResponseContentDisposition'],
      ...['ResponseContentType', 'VersionId', 'ChecksumMode'],
    ]);
    expect(membersOf(s3, 'PutObjectOutput').names).toEqual(['ETag', 'VersionId', 'Size']);
    expect(membersOf(drop('dynamodb', read('dynamodb')), 'GetItemOutput').names).toEqual(['Item']);
  });
  test('has the others with what they were', () => {
    const { kinds } = membersOf(s3, 'GetObjectRequest');
    expect(kinds).toMatch(/^\[0, 1\], \[0, 1\], \[0, \{ \[httpHeader\]: If-Match \}\], .*/);
    expect(kinds).toMatch(
      /\[httpHeader\]: Range .*\[httpQuery\]: response-content-disposition .*: versionId .*: x-amz-checksum-mode \}\]$/,
    );
  });
  test('keeps a member where it is required', () => {
    expect(membersOf(s3, 'UploadPartRequest').names).toContain('PartNumber');
    expect(membersOf(s3, 'GetObjectRequest').names).not.toContain('PartNumber');
  });
  test('is another client’s own affair', () => {
    expect(drop('sqs', read('sqs'))).toBe(read('sqs'));
  });
});

describe('a build fails, in place of a request that lacks something', () => {
  test('when our code names a member of the list', () => {
    expect(() => drop('s3', read('s3'), 'new PutObjectCommand({ CacheControl, Key })')).toThrow(
      'in use, and left out of the client of s3: CacheControl',
    );
  });
  test('when an update of the SDK renames a member', () => {
    const renamed = read('s3').replace('"WriteOffsetBytes"', '"WriteOffset"');
    expect(() => drop('s3', renamed)).toThrow('the client of s3 has no member WriteOffsetBytes any more');
  });
  test('when members and their kinds do not pair up', () => {
    const odd = read('s3').replace('    [_B, _K, _ACL_,', '    [_K, _ACL_,');
    expect(() => drop('s3', odd)).toThrow('the schemas of s3 have another form now');
  });
});
