import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { unpackReport } from '../../local/report-client.ts';
import type { SoakAnswer, SoakClient } from './client.ts';
import { addTo, count, noteCurrent, noteDigest, type RememberedOrder, remember } from './ledger.ts';
import { soakDeadline } from './settings.ts';

const orderBody = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';

/** A client asks at intervals: it may learn of an end so much later, in milliseconds. */
const graceMillis = 70_000;

const happens = (probability: number): boolean => Math.random() < probability;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const parse = <Body>({ bytes }: SoakAnswer): Body => JSON.parse(Buffer.from(bytes).toString('utf8')) as Body;

interface ReceivedBinary {
  readonly id: string;
  readonly meta: { readonly versionId: string };
  readonly contentType: string;
  readonly data: string;
}

/** Places an order until it is taken or refused for good. Only one that is answered 200 is remembered. */
const placeOrder = async (
  client: SoakClient,
  operation: 'execute' | 'schedule',
  key?: string,
): Promise<RememberedOrder | undefined> => {
  const { ledger, tenant, user } = client;
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  const answer = await client.callPatiently('POST', `$${operation}-patient-usage-stats`, { body: orderBody, headers });
  // A repeated order whose report was deleted meanwhile.
  if (key !== undefined && answer.status === 410) return undefined;
  if (!client.expect('an order', answer, 200)) return undefined;
  ledger.orderMillis.push(answer.millis);
  const { id } = parse<ReceivedBinary>(answer);
  if (key !== undefined) addTo(ledger.keys, `${tenant}/${user}/${key}`, id);
  return remember(ledger, tenant, user, id);
};

const deleteBinary = async (client: SoakClient, order: RememberedOrder): Promise<void> => {
  if (order.deleted === 'no') order.deleted = 'asked';
  const answer = await client.callPatiently('DELETE', `Binary/${order.binaryId}`);
  if (!client.expect('DELETE', answer, 200, 410)) return;
  order.deleted = 'confirmed';
  client.expect('a read after DELETE', await client.callPatiently('GET', `Binary/${order.binaryId}`), 410);
};

/** A Binary that somebody deletes may be gone at any moment, any other may not. */
const readable = (order: RememberedOrder): readonly number[] => (order.deleted === 'no' ? [200] : [200, 410]);

/** Reads the Binary as often as it says until it has ended. @returns its last answer, or undefined when it was deleted */
const pollToEnd = async (client: SoakClient, order: RememberedOrder): Promise<ReceivedBinary | undefined> => {
  const { ledger } = client;
  const path = `Binary/${order.binaryId}`;
  const end = performance.now() + soakDeadline + graceMillis;
  while (performance.now() < end) {
    const answer = await client.callPatiently('GET', path);
    if (answer.status === 429 || answer.status === 503 || answer.status === 0) {
      await client.waitFor(answer);
      continue;
    }
    if (!client.expect('a read', answer, ...readable(order)) || answer.status === 410) return undefined;
    const binary = parse<ReceivedBinary>(answer);
    const version = Number(binary.meta.versionId);
    noteCurrent(ledger, order, version);
    noteDigest(ledger, order, version, sha256(Buffer.from(binary.data, 'base64')));
    if (version > 1) return binary;
    await client.waitFor(answer);
    if (happens(0.1)) {
      const headers = { 'if-none-match': 'W/"1"' };
      client.expect('a conditional read', await client.call('GET', path, { headers }), 304, ...readable(order));
    }
  }
  count(ledger.surprises, 'a report was not finished by its deadline (I1)');
  return undefined;
};

const noteReport = ({ ledger, tenant }: SoakClient, order: RememberedOrder, binary: ReceivedBinary): void => {
  order.told = binary.contentType === 'application/fhir+json' ? 'failure' : 'report';
  if (order.told === 'failure') return;
  const entries = Object.entries(unpackReport(Buffer.from(binary.data, 'base64')));
  const [, summary] = entries.find(([path]) => path.endsWith('/PatientsUsageSummary')) ?? [];
  addTo(ledger.summaries, tenant, sha256(Buffer.from(JSON.stringify(summary ?? 'none'))));
};

/** Looks at a finished report in every way there is. */
const lookAround = async (client: SoakClient, order: RememberedOrder, stranger: SoakClient): Promise<void> => {
  const path = `Binary/${order.binaryId}`;
  const raw = await client.callPatiently('GET', `${path}/_history/${order.current}`, { headers: { accept: '*/*' } });
  if (client.expect('a raw read', raw, ...readable(order)) && raw.status === 200) {
    noteDigest(client.ledger, order, order.current, sha256(raw.bytes));
  }
  const headers = { 'if-none-match': `W/"${order.current}"` };
  client.expect('a conditional read', await client.call('GET', path, { headers }), 304, ...readable(order).slice(1));
  if (happens(0.3)) client.expect('the history', await client.call('GET', `${path}/_history`), ...readable(order));
  if (happens(0.3)) client.expect('version 1', await client.call('GET', `${path}/_history/1`), ...readable(order));
  if (happens(0.1)) client.expect('HEAD', await client.call('HEAD', path), ...readable(order));
  if (happens(0.02)) client.expect('the job status', await client.call('GET', '$get-report-job-status'), 200);
  if (happens(0.1)) client.expect("a stranger's read", await stranger.call('GET', path), 404);
  if (happens(0.02)) client.expect("a stranger's DELETE", await stranger.call('DELETE', path), 404);
};

/** Requests that have to be refused, and cost nobody anything. */
export const misbehave = async (client: SoakClient): Promise<void> => {
  const path = '$execute-patient-usage-stats';
  const broken = { body: '{"resourceType":"Parameters"' };
  const typed = { body: orderBody, headers: { 'content-type': 'text/plain' } };
  client.expect('a broken body', await client.call('POST', path, broken), 400);
  client.expect('a wrong content type', await client.call('POST', path, typed), 415);
  client.expect('no token', await client.call('POST', path, { body: orderBody, headers: { authorization: '' } }), 401);
  client.expect('an unknown id', await client.call('GET', 'Binary/01963e5f-5a2f-7abc-8def-000000000000'), 404);
};

/** A scheduled report would wait for the night: it is deleted while it waits. */
export const scheduleAndCancel = async (client: SoakClient): Promise<void> => {
  const order = await placeOrder(client, 'schedule');
  if (order === undefined) return;
  client.expect('a read', await client.callPatiently('GET', `Binary/${order.binaryId}`), 200);
  await deleteBinary(client, order);
};

/** The whole life of one order: placed, perhaps several times at once with one key, followed to its end, looked at, perhaps deleted. */
export const orderAndFollow = async (client: SoakClient, stranger: SoakClient): Promise<void> => {
  const key = happens(0.2) ? randomUUID() : undefined;
  const placed = await Promise.all(
    Array.from({ length: key === undefined ? 1 : 3 }, () => placeOrder(client, 'execute', key)),
  );
  const order = placed.find((one) => one !== undefined);
  if (order === undefined) return;
  const acknowledged = performance.now();
  const deletion = happens(0.08) ? delay(Math.random() * 1500).then(() => deleteBinary(client, order)) : undefined;
  if (deletion !== undefined) order.deleted = 'asked';
  const ended = await pollToEnd(client, order);
  if (ended !== undefined) {
    client.ledger.reportMillis.push(performance.now() - acknowledged);
    noteReport(client, order, ended);
    await lookAround(client, order, stranger);
    if (key !== undefined) await placeOrder(client, 'execute', key);
    if (happens(0.2)) await deleteBinary(client, order);
  }
  await deletion;
};
