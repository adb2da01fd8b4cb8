/** Members of requests and answers, by client, that nothing in `functions/` sends or reads; each with everything of its name. */
const unusedMembers: Readonly<Record<string, readonly string[]>> = {
  s3: [
    // Kinds of objects and buckets that there are none of: locked, archived, replicated, tagged, paid for by the reader, of a website.
    ...['ObjectLockMode', 'ObjectLockRetainUntilDate', 'ObjectLockLegalHoldStatus', 'ObjectLockEventHold'],
    ...['ObjectLockEventHoldDurationDays', 'ObjectLockEventHoldDurationYears', 'BypassGovernanceRetention', 'MFA'],
    ...['ArchiveStatus', 'Restore', 'RestoreStatus', 'ReplicationStatus', 'StorageClass', 'Tagging', 'TagCount'],
    ...['RequestPayer', 'RequestCharged', 'WebsiteRedirectLocation', 'WriteOffsetBytes', 'PartNumber', 'PartsCount'],
    // Access is the stack's policies, encryption the bucket's.
    ...['ACL', 'GrantFullControl', 'GrantRead', 'GrantReadACP', 'GrantWriteACP', 'ExpectedBucketOwner', 'Owner'],
    ...['SSECustomerAlgorithm', 'SSECustomerKey', 'SSECustomerKeyMD5', 'SSEKMSKeyId', 'SSEKMSEncryptionContext'],
    ...['ServerSideEncryption', 'BucketKeyEnabled'],
    // Checksums are made and checked by their headers.
    ...['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256', 'ChecksumSHA512'],
    ...['ChecksumMD5', 'ChecksumXXHASH64', 'ChecksumXXHASH3', 'ChecksumXXHASH128', 'ChecksumType', 'ContentMD5'],
    // Headers that are kept with an object, or come with it, and mean nothing here.
    ...['CacheControl', 'ContentEncoding', 'ContentLanguage', 'Expires', 'Expiration', 'AcceptRanges', 'MissingMeta'],
    ...['ResponseCacheControl', 'ResponseContentEncoding', 'ResponseContentLanguage', 'ResponseExpires'],
    ...['IfModifiedSince', 'IfUnmodifiedSince', 'EncodingType', 'FetchOwner', 'OptionalObjectAttributes'],
  ],
  dynamodb: [
    // The forms of conditions before there were expressions.
    ...['AttributesToGet', 'AttributeUpdates', 'ConditionalOperator', 'Expected', 'KeyConditions'],
    ...['QueryFilter', 'ScanFilter'],
    // What a request took.
    ...['ConsumedCapacity', 'ReturnConsumedCapacity', 'ItemCollectionMetrics', 'ReturnItemCollectionMetrics'],
  ],
};

/** Splits what stands between the brackets of a list at the commas that are in no bracket of their own. */
const splitList = (text: string): readonly string[] => {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if ('[{('.includes(letter)) depth++;
    if (']})'.includes(letter)) depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts.push(`${parts.pop()}${letter}`);
  }
  return parts.map((part) => part.trim());
};

/** `[_A, _B],` names the members of a structure, the line below says what each is, and a number how many of the first are required. */
const structures = /^ {4}\[(_\w+(?:, _\w+)*)\],\n {4}\[(.*)\](?:, (\d+))?\n\];$/gm;

/**
 * Takes members out of the descriptions that an SDK client has of its requests and answers, with whatever only they refer to. A member that is sent
 * would be left out of the request without a word, so none may be named in our code. Where one is required it stays.
 *
 * @param service as in `@aws-sdk/client-<service>`
 * @param source its `schemas_0.js`
 * @param texts the constants of that file, `_SSECA` → `"SSECustomerAlgorithm"`, quotes included
 * @param ours the text of our own code
 * @throws Error when our code names a member of the list, the client does not have it any more, or the file has another form
 */
export const dropUnusedMembers = (
  service: string,
  source: string,
  texts: ReadonlyMap<string, string>,
  ours: string,
): string => {
  const unused = new Set(unusedMembers[service] ?? []);
  const named = [...unused].filter((name) => new RegExp(`\\b${name}\\b`).test(ours));
  if (named.length > 0) throw new Error(`in use, and left out of the client of ${service}: ${named.join(', ')}`);
  const found = new Set<string>();
  const lean = source.replaceAll(structures, (all, nameList: string, kindList: string, required = '0') => {
    const [names, kinds] = [nameList.split(', '), splitList(kindList)];
    if (names.length !== kinds.length) throw new Error(`the schemas of ${service} have another form now`);
    const kept = names.map((name, index) => {
      const text = JSON.parse(texts.get(name) ?? '""') as string;
      const isUnused = unused.has(text) && index >= Number(required);
      if (isUnused) found.add(text);
      return !isUnused;
    });
    if (!kept.includes(false)) return all;
    const list = (parts: readonly string[]) => `[${parts.filter((_part, index) => kept[index]).join(', ')}]`;
    return `    ${list(names)},\n    ${list(kinds)}${required === '0' ? '' : `, ${required}`}\n];`;
  });
  const gone = [...unused].filter((name) => !found.has(name));
  if (gone.length > 0) throw new Error(`the client of ${service} has no member ${gone.join(', ')} any more`);
  return lean;
};
