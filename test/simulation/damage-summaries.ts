import type { InMemoryBucket } from './stores/in-memory-bucket.ts';

/** One digit more or less in what is counted; the text stays JSON, so that only its hash tells. */
const changeCount = (text: string): string =>
  text.replace(/"patients":(\d)/, (_, digit) => `"patients":${(Number(digit) + 1) % 10}`);

/** Spoils everything that is kept of a tenant's reports, in turns by cutting it and by changing a number in it. */
export const damageSummaries = (bucket: InMemoryBucket, tenant: string): void => {
  for (const [at, key] of bucket.list(`${tenant}/Summary/`).entries()) {
    const { bytes } = bucket.get(key);
    const damaged = at % 2 === 0 ? Buffer.from(changeCount(Buffer.from(bytes).toString())) : bytes.slice(0, -9);
    bucket.put(key, damaged, false);
  }
};
