import { ConditionalCheckFailedException, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { InvalidRequest, type Item } from './compile-expression.ts';
import { ConditionNotMet, type InMemoryTable } from './in-memory-table.ts';

/** A value as it is stored: a copy of its own, without what is undefined (`removeUndefinedValues`), never to be changed. */
const toStored = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(toStored));
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) if (inner !== undefined) copy[name] = toStored(inner);
  return Object.freeze(copy);
};

const withStoredValues = <Input extends { ExpressionAttributeValues?: Record<string, unknown> | undefined }>(
  input: Input,
): Input =>
  input.ExpressionAttributeValues === undefined
    ? input
    : { ...input, ExpressionAttributeValues: toStored(input.ExpressionAttributeValues) };

const keyOf = (table: InMemoryTable, key: Item | undefined): string => String(key?.[table.key]);

const query = (table: InMemoryTable, { input }: QueryCommand): unknown => {
  const { items, last } = table.query(input as Parameters<InMemoryTable['query']>[0]);
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: items }),
    Count: items.length,
    ...(last === undefined ? {} : { LastEvaluatedKey: last }),
  };
};

const perform = (table: InMemoryTable, command: unknown): unknown => {
  if (command instanceof GetCommand) {
    const Item = table.get(keyOf(table, command.input.Key), command.input.ConsistentRead === true);
    return Item === undefined ? {} : { Item };
  }
  if (command instanceof QueryCommand) return query(table, command);
  if (command instanceof UpdateCommand) {
    const Attributes = table.update(keyOf(table, command.input.Key), withStoredValues(command.input));
    return command.input.ReturnValues === 'ALL_NEW' ? { Attributes } : {};
  }
  if (command instanceof PutCommand) {
    table.put(toStored(command.input.Item) as Item, withStoredValues(command.input));
    return {};
  }
  if (command instanceof DeleteCommand) {
    table.delete(keyOf(table, command.input.Key), withStoredValues(command.input));
    return {};
  }
  throw new TypeError(`not simulated: ${(command as object).constructor.name}`);
};

const invalid = (message: string) =>
  new DynamoDBServiceException({
    name: 'ValidationException',
    $fault: 'client',
    message,
    $metadata: { httpStatusCode: 400 },
  });

/**
 * What DynamoDB answers to one request of the document client, at once.
 *
 * @throws ConditionalCheckFailedException, or DynamoDBServiceException `ValidationException`, as the SDK does
 */
export const answerDynamoDb = (table: InMemoryTable, command: unknown): unknown => {
  try {
    return perform(table, command);
  } catch (error) {
    if (error instanceof InvalidRequest) throw invalid(error.message);
    if (!(error instanceof ConditionNotMet)) throw error;
    throw new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: { httpStatusCode: 400 },
    });
  }
};

/** A document client over one table, whatever name it is asked by. Nothing fails and nothing takes time. */
export const createTableClient = (table: InMemoryTable): DynamoDBDocumentClient =>
  ({ send: async (command: unknown) => answerDynamoDb(table, command) }) as unknown as DynamoDBDocumentClient;
