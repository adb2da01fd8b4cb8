import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '../auth/tenant.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import { toTimeText } from './job-item.ts';
import type { ReportPaceStore } from './report-pace.ts';

/** A pace that nothing was added to for this long is forgotten, in milliseconds. */
const keptFor = 90 * 24 * 60 * 60_000;

/** One attempt's time for an answer, in milliseconds: far less than that of a request that something depends on. */
const requestTimeout = 500;

/** Beside the jobs, in no index: a Binary's id never has this form. */
const paceKey = (tenantId: TenantId, report: string) => ({ pk: `${tenantId}#pace#${report}` });

const ask = async <Answer>(request: Promise<Answer>): Promise<Answer> => {
  try {
    return await request;
  } catch (error) {
    throw toDependencyError('report-pace', error);
  }
};

/** The paces as items of the jobs table. */
export const createDynamoDbReportPaceStore = (client: DynamoDBDocumentClient, tableName: string): ReportPaceStore => ({
  async read(tenantId, report) {
    const command = new GetCommand({ TableName: tableName, Key: paceKey(tenantId, report) });
    const { Item } = await ask(client.send(command, { requestTimeout }));
    if (Item === undefined) return undefined;
    const pace = {
      generating: Number(Item['generating']),
      waiting: Number(Item['waiting']),
      measured: Date.parse(String(Item['measured'])),
    };
    return Object.values(pace).every(Number.isFinite) ? pace : undefined;
  },
  async write(tenantId, report, { generating, waiting, measured }) {
    const command = new UpdateCommand({
      TableName: tableName,
      Key: paceKey(tenantId, report),
      UpdateExpression: 'SET generating = :generating, waiting = :waiting, measured = :measured, expires = :expires',
      ExpressionAttributeValues: {
        ':generating': generating,
        ':waiting': waiting,
        ':measured': toTimeText(measured),
        ':expires': Math.ceil((measured + keptFor) / 1000),
      },
    });
    await ask(client.send(command, { requestTimeout }));
  },
});
