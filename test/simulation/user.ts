import { createHash } from 'node:crypto';
import { apiEvent } from '../support/api-event.ts';
import type { Fleet, Received } from './fleet.ts';
import type { UserAction } from './run-plan.ts';
import { type KeyedOrder, type KnownBinary, remember, type UserMemory } from './user-memory.ts';
import type { Invariant } from './violation.ts';
import type { World } from './world.ts';

/** What a user's actions need. */
export interface UserSurroundings {
  readonly world: World;
  readonly fleet: Fleet;
  readonly memory: UserMemory;
  /** Everybody's Binaries, for those who try them. */
  readonly others: readonly UserMemory[];
}

/** Must never be seen in a log line or a message. */
export const plantedToken = 'Bearer planted-token';

/** A Binary as it is answered, as far as a user looks at it. */
interface ReceivedBinary {
  readonly id: string;
  readonly meta: { readonly versionId: string; readonly lastUpdated: string };
  readonly contentType: string;
  readonly securityContext: { readonly identifier: { readonly value: string } };
  readonly data: string;
}

interface ReceivedBundle<Resource> {
  readonly entry?: readonly { readonly resource: Resource }[];
}

interface ReceivedJob {
  readonly parameter: readonly [
    {
      readonly part: readonly {
        readonly name: string;
        readonly valueString?: string;
        readonly valueReference?: { readonly reference: string };
      }[];
    },
  ];
}

const resourceOf = <Resource>(received: Exclude<Received, 'lost'>): Resource => {
  if (received.body?.kind !== 'resource') throw new TypeError('an answer without a resource');
  return received.body.resource as Resource;
};

const statusOf = (received: Received): number => (received === 'lost' ? 0 : received.status);

const body = JSON.stringify({
  resourceType: 'Parameters',
  parameter: [{ name: 'anonymization', valueString: 'ANONYMIZED' }],
});

/** What a fault of the service breaks, by the method that was answered so: a written order is an order, a version has its bytes. */
const faultOf: Readonly<Record<string, Invariant>> = { POST: 'I6', GET: 'I3', DELETE: 'I12' };

/** One user in one browser tab: what it does, and what it may be told. */
export const createUser = ({ world, fleet, memory, others }: UserSurroundings) => {
  const { tape, counts } = world;
  const violate = world.violate;
  const who = `${memory.tenant}/${memory.userId}`;
  const authorization = `${plantedToken}-${memory.tenant}-${memory.userId}`;

  const send = async (
    action: string,
    method: string,
    path: string,
    headers: Record<string, string> = {},
    allowed: () => readonly number[] = () => [],
  ): Promise<Received> => {
    const isOrder = method === 'POST';
    const event = apiEvent(method, `/fhir${path}`, {
      headers: { authorization, ...(isOrder && { 'content-type': 'application/fhir+json' }), ...headers },
      ...(isOrder && { body }),
    });
    const received = await fleet.request(event);
    const status = statusOf(received);
    counts.answers[`${action} ${status || 'lost'}`] = (counts.answers[`${action} ${status || 'lost'}`] ?? 0) + 1;
    // While things go wrong a request may end without an answer, or be told to come again; never in a fault of the service.
    if (![200, ...allowed(), ...(world.isQuiet() ? [] : [0, 503])].includes(status)) {
      const code = received === 'lost' ? '' : JSON.stringify(received.body);
      violate(
        status === 500 ? (faultOf[method] ?? 'contract') : 'contract',
        `${who} ${method} ${path} was answered ${status || 'lost'} ${code}`,
      );
    }
    return received;
  };

  const pick = (choose: (known: KnownBinary) => boolean = () => true): KnownBinary | undefined => {
    const all = [...memory.binaries.values()].filter(choose);
    return all[tape.draw(Math.max(all.length, 1))];
  };

  /** I2: what was seen of a version is what is seen ever after. I4: it is the caller's own. */
  const see = (known: KnownBinary, binary: ReceivedBinary): number => {
    const { meta, contentType, data } = binary;
    const versionId = Number(meta.versionId);
    const sha256 = createHash('sha256').update(data).digest('hex');
    const before = known.versions.get(versionId);
    if (binary.id !== known.binaryId) violate('I4', `${who} asked for ${known.binaryId} and got ${binary.id}`);
    if (binary.securityContext.identifier.value !== memory.userId) violate('I4', `${who} got somebody else's Binary`);
    if (before === undefined) known.versions.set(versionId, { sha256, contentType, lastUpdated: meta.lastUpdated });
    else if (
      before.sha256 !== sha256 ||
      before.contentType !== contentType ||
      before.lastUpdated !== meta.lastUpdated
    ) {
      violate('I2', `${who} saw version ${versionId} of ${known.binaryId} change`);
    }
    return versionId;
  };

  /** I6: who is answered 2xx can rely on the record. */
  const requireDurable = (binaryId: string): void => {
    if (world.table.items.get(`${memory.tenant}#${binaryId}`) === undefined) {
      violate('I6', `${who} was told of ${binaryId}, which is not recorded`);
    }
  };

  /** I5: one key, one job. */
  const keep = (key: string, order: KeyedOrder, operation: string, binaryId: string): void => {
    const first = order.accepted ?? { operation, binaryId };
    if (first.operation !== operation) violate('I5', `${who} ordered something else with ${key}, and it was accepted`);
    if (first.binaryId !== binaryId) violate('I5', `${who} has two jobs for ${key}`);
    order.accepted = first;
  };

  const order = async (mode: string, key?: string): Promise<void> => {
    const operation = `$${mode}-patient-usage-stats`;
    const keyed = key === undefined ? undefined : (memory.orders.get(key) ?? { tried: new Set() });
    if (key !== undefined && keyed !== undefined) memory.orders.set(key, keyed);
    keyed?.tried.add(operation);
    const allowed = () => {
      if (keyed === undefined) return [];
      const isAnyDeleting = [...memory.binaries.values()].some(({ isDeleting }) => isDeleting);
      return [...(keyed.tried.size > 1 ? [422] : []), ...(isAnyDeleting ? [410] : [])];
    };
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const received = await send(mode, 'POST', `/${operation}`, headers, allowed);
    if (received === 'lost' || received.status !== 200) return;
    const binary = resourceOf<ReceivedBinary>(received);
    requireDurable(binary.id);
    if (key !== undefined && keyed !== undefined) keep(key, keyed, operation, binary.id);
    if (see(remember(memory, binary.id), binary) !== 1) violate('I2', `${who} ordered and got another version than 1`);
  };

  /** A Binary that may be gone is 410 where DELETE was sent, and nothing but 410 once that was confirmed before this was asked. */
  const requireReadable = (known: KnownBinary, wasDeleted: boolean, status: number): boolean => {
    if (wasDeleted && status === 200) violate('I12', `${who} read ${known.binaryId} after it was deleted`);
    if (status === 410) known.isDeleted = true;
    return status === 200;
  };
  const goneFor = ({ isDeleting }: KnownBinary) => (isDeleting ? [410] : []);

  const read = async (known: KnownBinary): Promise<void> => {
    const { binaryId, highest, isDeleted } = known;
    const received = await send('read', 'GET', `/Binary/${binaryId}`, { accept: 'application/fhir+json' }, () =>
      goneFor(known),
    );
    if (!requireReadable(known, isDeleted, statusOf(received)) || received === 'lost') return;
    const versionId = see(known, resourceOf<ReceivedBinary>(received));
    if (versionId < highest) violate('I11', `${who} saw version ${highest} of ${binaryId} and then ${versionId}`);
    known.highest = Math.max(known.highest, versionId);
  };

  const vread = async (known: KnownBinary): Promise<void> => {
    const { binaryId, highest, isDeleted } = known;
    const versionId = 1 + tape.draw(3);
    const path = `/Binary/${binaryId}/_history/${versionId}`;
    const allowed = () => [...goneFor(known), ...(versionId > highest ? [404] : [])];
    const received = await send('vread', 'GET', path, { accept: 'application/fhir+json' }, allowed);
    if (!requireReadable(known, isDeleted, statusOf(received)) || received === 'lost') return;
    if (see(known, resourceOf<ReceivedBinary>(received)) !== versionId) violate('I2', `${who} got another version`);
  };

  const history = async (known: KnownBinary): Promise<void> => {
    const { binaryId, highest, isDeleted } = known;
    const received = await send('history', 'GET', `/Binary/${binaryId}/_history`, {}, () => goneFor(known));
    if (!requireReadable(known, isDeleted, statusOf(received)) || received === 'lost') return;
    const { entry = [] } = resourceOf<ReceivedBundle<ReceivedBinary>>(received);
    const numbers = entry.map(({ resource }) => see(known, resource));
    if (numbers.some((number, at) => number !== numbers.length - at)) violate('I2', `${who} got versions ${numbers}`);
    if (numbers.length < highest) violate('I11', `${who} saw ${highest} versions and then ${numbers.length}`);
    known.highest = Math.max(known.highest, numbers.length);
  };

  const remove = async (known: KnownBinary, ifMatch?: string): Promise<void> => {
    const { isDeleted } = known;
    const headers: Record<string, string> = ifMatch === undefined ? {} : { 'if-match': ifMatch };
    const allowed = () => (ifMatch === undefined ? [410] : [410, 412]);
    known.isDeleting = true;
    const received = await send('delete', 'DELETE', `/Binary/${known.binaryId}`, headers, allowed);
    const status = statusOf(received);
    if (status === 410 || status === 200) known.isDeleted = true;
    if (isDeleted && status === 412) violate('I7', `${who} deleted ${known.binaryId}, which is still there`);
  };

  /** I4: other people's Binaries, and other tenants', are as if they were not there. */
  const readForeign = async (): Promise<void> => {
    const foreign = others.filter((other) => other !== memory).flatMap(({ binaries }) => [...binaries.keys()]);
    const binaryId = foreign[tape.draw(Math.max(foreign.length, 1))];
    if (binaryId === undefined || memory.binaries.has(binaryId)) return;
    const received = await send('read-foreign', 'GET', `/Binary/${binaryId}`, {}, () => [404]);
    if (received !== 'lost' && ![404, 503].includes(received.status)) violate('I4', `${who} read ${binaryId}`);
  };

  const readStatus = async (): Promise<ReadonlyMap<string, string>> => {
    const received = await send('status', 'GET', '/$get-report-job-status');
    const statuses = new Map<string, string>();
    if (received === 'lost' || received.status !== 200) return statuses;
    for (const { resource } of resourceOf<ReceivedBundle<ReceivedJob>>(received).entry ?? []) {
      const part = (name: string) => resource.parameter[0].part.find((one) => one.name === name);
      const binaryId = part('binary')?.valueReference?.reference.split('/').at(-1) ?? '';
      statuses.set(binaryId, part('status')?.valueString ?? '');
      if (part('userId')?.valueString !== memory.userId) violate('I4', `${who} saw somebody else's job`);
      if (world.table.items.get(`${memory.tenant}#${binaryId}`) === undefined)
        violate('I4', `${who} saw a foreign job`);
    }
    return statuses;
  };

  const keyOf = () => `key-${tape.draw(3)}`;
  const actions: Readonly<Record<UserAction, () => Promise<unknown>>> = {
    execute: () => order('execute'),
    'execute-with-key': () => order('execute', keyOf()),
    schedule: () => order('schedule'),
    'schedule-with-key': () => order('schedule', keyOf()),
    read: () => withOne(read),
    vread: () => withOne(vread),
    history: () => withOne(history),
    status: readStatus,
    delete: () => withOne((known) => remove(known)),
    'delete-if-match': () => withOne((known) => remove(known, `W/"${1 + tape.draw(2)}"`)),
    'read-foreign': readForeign,
    wait: () => world.pause(90_000),
  };
  const withOne = async (act: (known: KnownBinary) => Promise<void>): Promise<void> => {
    const known = pick();
    if (known !== undefined) await act(known);
  };

  return {
    /** Does one thing after another, as the tape decides. */
    async act(): Promise<void> {
      const { actions: mix, actionsPerTab, longestThought, script } = world.plan;
      for (let done = 0; done < (script?.length ?? actionsPerTab); done += 1) {
        const action = script?.[done] ?? mix[done === 0 ? 0 : tape.draw(mix.length)] ?? 'read';
        await actions[action]();
        await world.pause((tape.draw(256) / 256) * longestThought);
      }
    },
    /** I1: once all is quiet, every accepted order is seen to have ended, in both places. */
    async lookAtAll(): Promise<void> {
      const statuses = await readStatus();
      for (const known of memory.binaries.values()) {
        const status = statuses.get(known.binaryId) ?? 'nothing';
        if (!['DONE', 'FAILED', 'CANCELLED'].includes(status))
          violate('I1', `${who} sees ${known.binaryId} as ${status}`);
        await read(known);
        if (known.isDeleted) continue;
        if (known.highest < 2) violate('I1', `${who} sees no version 2 of ${known.binaryId}, which is ${status}`);
        await history(known);
      }
    },
  };
};
