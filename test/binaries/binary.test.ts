import { describe, expect, test } from 'vitest';
import {
  contentKey,
  describeInlineVersion,
  describeStoredVersion,
  downloadName,
  isBinaryId,
  placeholder,
  placeholderVersion,
  reportContentType,
} from '../../functions/binaries/binary.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';

const content = { ...placeholder, versionId: 1, lastUpdated: 5, writer: 'w' };

describe('isBinaryId', () => {
  test("takes this service's own form only", () => {
    expect(isBinaryId('01963e5f-5a2f-7abc-8def-000000000001')).toBe(true);
  });
  test.each([
    '',
    '1003',
    '.',
    '..',
    '01963E5F-5A2F-7ABC-8DEF-000000000001',
    '01963e5f-5a2f-4abc-8def-000000000001',
    `${sampleBinaryId()}\n`,
    ` ${sampleBinaryId()}`,
    `${sampleBinaryId()}/..`,
    'x'.repeat(5000),
  ])('refuses %j', (id) => {
    expect(isBinaryId(id)).toBe(false);
  });
});

describe('versions', () => {
  test('the placeholder is the text of the contract', () => {
    expect(Buffer.from(placeholder.bytes).toString('base64')).toBe('Kk5PVCBHRU5FUkFURUQgWUVUKg==');
  });
  test('what is known of it beforehand is what describing it anew says', () => {
    expect({ ...placeholderVersion, versionId: 1, lastUpdated: 5, writer: 'w' }).toEqual(
      describeInlineVersion(content),
    );
  });
  test('a stored version names its key, length and SHA-256, and not its bytes', () => {
    expect(describeStoredVersion(content, 'k')).toEqual({
      versionId: 1,
      contentType: 'text/plain',
      bytes: 19,
      sha256: '8534fbec62288f5578c15e8fe58838583f77c9281834a0f105e9776307019af4',
      lastUpdated: 5,
      writer: 'w',
      content: { kind: 'stored', key: 'k' },
    });
  });
  test('an inline version carries its bytes', () => {
    const { content: where } = describeInlineVersion(content);
    expect(where).toEqual({ kind: 'inline', base64: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==' });
  });
  test('a content key is unique to tenant, Binary, version and attempt', () => {
    expect(contentKey(demoTenant, 'id', 2, 'token')).toBe('demo/Binary/id/2/token');
  });
  test('a download is named after report, id and version with a fitting ending', () => {
    const version = { ...describeStoredVersion(content, 'k'), versionId: 2, contentType: reportContentType };
    expect(downloadName('PatientsUsageReport', 'id', version)).toBe('PatientsUsageReport-id-2.zip');
  });
});
