import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isTenantId, type TenantId } from '../functions/auth/tenant.ts';
import { trustedPrivateHostsSetting } from '../functions/auth/trusted-private-hosts.ts';
import { clientSettings, documentSettings } from '../functions/platform/client-settings.ts';
import { useEmulators } from './aws-environment.ts';
import { UsageError } from './command-line.ts';
import type { ImportTables } from './import-tenant.ts';
import { requireRunningInstance } from './running-instance.ts';
import { requireStageForRegion, type StageWishes } from './stage-options.ts';

/** Options of the commands about imports. */
export const importOptions = {
  tenant: { type: 'string' },
  stage: { type: 'string' },
  region: { type: 'string' },
  'trusted-hosts': { type: 'string' },
} as const;

/** What they mean, for a usage. */
export const importOptionLines = `  --stage, --region
           the stage that was deployed, such as prod, and where; credentials come from the AWS SDK's
           own settings. Without, the instance of npm start is used
  --trusted-hosts
           hosts of a private network that the tenant's record may name, as in TRUSTED_PRIVATE_HOSTS`;

/** What those options were given. */
export interface ImportWishes {
  readonly tenant?: string | undefined;
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  readonly 'trusted-hosts'?: string | undefined;
}

/** The tenant that was named. @throws UsageError */
export const readTenantOption = ({ tenant }: ImportWishes): TenantId => {
  if (tenant === undefined) throw new UsageError('--tenant is missing');
  if (!isTenantId(tenant)) throw new UsageError('--tenant has to be 1 to 32 characters of a-z, 0-9 and inner -');
  return tenant;
};

type Names = Pick<ImportTables, 'importsTable' | 'tenantsTable' | 'dataBucket'>;

const connect = (names: Names, hosts: string, { stage, region }: StageWishes): ImportTables => {
  const trusted = v.safeParse(trustedPrivateHostsSetting, hosts);
  if (!trusted.success) throw new UsageError(`--trusted-hosts ${trusted.issues[0].message}`);
  const client = new DynamoDBClient({ ...clientSettings, ...(region === undefined ? {} : { region }) });
  const documents = DynamoDBDocumentClient.from(client, documentSettings);
  const place = { ...(stage === undefined ? {} : { stage }), ...(region === undefined ? {} : { region }) };
  return { ...names, documents, trusted: trusted.output, ...place };
};

/** The tables of the stage that was named, or of the running instance. @throws CommandError, UsageError */
export const findImportTables = async ({
  stage,
  region,
  'trusted-hosts': hosts = '',
}: ImportWishes): Promise<ImportTables> => {
  requireStageForRegion({ stage, region });
  if (stage === undefined) {
    const instance = await requireRunningInstance();
    useEmulators(instance);
    const { importsTable, tenantsTable, dataBucket } = instance;
    return connect({ importsTable, tenantsTable, dataBucket }, instance.trustedPrivateHosts, {});
  }
  // Loaded only where it is needed: it would slow every call down.
  const { readStackOutput } = await import('./stack-outputs.ts');
  const read = (output: string) => readStackOutput({ stage, region }, output);
  const names = {
    importsTable: await read('ImportsTableName'),
    tenantsTable: await read('TenantsTableName'),
    dataBucket: await read('DataBucketName'),
  };
  return connect(names, hosts, { stage, region });
};
