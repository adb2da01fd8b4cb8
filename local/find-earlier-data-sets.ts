import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { TenantId } from '../functions/auth/tenant.ts';
import { readCurrentDataSet } from '../functions/imports/stored-manifest.ts';
import { copyKey, type DataSetStore, importIdOf, importsRoot, readManifestInUse } from './manifest-in-use.ts';
import { listEveryVersion, type StoredObject } from './stored-objects.ts';

/** A data set that was in use, as far as it is stored. */
export interface EarlierDataSet {
  /** The id of its import or load. */
  readonly id: string;
  readonly isInUse: boolean;
  /** The text of the manifest that made it current. */
  readonly manifest: string;
  /** Keys of its files, relative to the tenant's prefix. */
  readonly names: readonly string[];
  /** Delete markers over its files: without them they are there again. */
  readonly markers: readonly StoredObject[];
  /** The first of its files that is in no version any more, relative to the tenant's prefix. */
  readonly gone: string | undefined;
}

const readText = async ({ s3, bucket }: DataSetStore, { key, versionId }: StoredObject): Promise<string> => {
  const version = versionId === undefined ? {} : { VersionId: versionId };
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...version }));
  return (await Body?.transformToString('utf8')) ?? '';
};

/**
 * The data sets of a tenant that were in use, newest first, those included that were removed and are there in the bucket's versions. Only
 * those that imports and loads have stored, with a copy of their manifest.
 */
export const findEarlierDataSets = async (
  store: DataSetStore,
  tenantId: TenantId,
): Promise<readonly EarlierDataSet[]> => {
  const inUse = readCurrentDataSet((await readManifestInUse(store, tenantId))?.text);
  const objects = await listEveryVersion(store.s3, store.bucket, importsRoot(tenantId));
  const byKey = Map.groupBy(objects, ({ key }) => key);
  const isVersion = ({ kind }: StoredObject): boolean => kind !== 'delete-marker';
  const versionsOf = (key: string): readonly StoredObject[] => byKey.get(key) ?? [];

  const describe = async (id: string, copy: StoredObject): Promise<EarlierDataSet> => {
    const manifest = await readText(store, copy);
    const names = [...readCurrentDataSet(manifest).names];
    const keys = names.map((name) => `${tenantId}/${name}`);
    return {
      id,
      isInUse: inUse.isOf(id),
      manifest,
      names,
      markers: [copy.key, ...keys].flatMap((key) => versionsOf(key).filter((one) => !isVersion(one))),
      gone: names.find((_name, index) => !versionsOf(keys[index] ?? '').some(isVersion)),
    };
  };

  const found: EarlierDataSet[] = [];
  for (const key of [...byKey.keys()].sort().reverse()) {
    const id = importIdOf(tenantId, key) ?? '';
    const copy = versionsOf(key).find(isVersion);
    if (copy !== undefined && key === copyKey(tenantId, id)) found.push(await describe(id, copy));
  }
  return found;
};
