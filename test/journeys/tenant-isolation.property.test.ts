import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpackReport } from '../../local/report-client.ts';
import { resourceOf } from '../support/create-test-api.ts';
import { contractOrder } from '../support/fhir-client.ts';
import { createTwoTenants, patientsOf, type Side, type TwoTenants } from '../support/two-tenants.ts';

// Non-interference: whatever the other tenant does in between, a tenant's user gets exactly what he gets where nobody else is there.

type Action =
  | { readonly kind: 'order'; readonly mode: 'execute' | 'schedule' | 'fetch'; readonly key: string | undefined }
  | {
      readonly kind: 'read' | 'history' | 'delete';
      readonly whose: 'own' | 'other';
      readonly nth: number;
      readonly match: string;
    }
  | { readonly kind: 'status'; readonly count: number; readonly cursor: 'none' | 'own' | 'other' }
  | { readonly kind: 'work' };

type Step = { readonly side: Side; readonly action: Action } | { readonly side: 'time'; readonly millis: number };

const target = {
  whose: fc.constantFrom('own', 'own', 'other'),
  nth: fc.nat(3),
  match: fc.constantFrom('', '', '*', 'W/"1"', 'W/"2"'),
};
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      mode: fc.constantFrom('execute' as const, 'execute' as const, 'schedule' as const, 'fetch' as const),
      key: fc.constantFrom(undefined, 'k1', 'k2'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('read' as const, 'history' as const, 'delete' as const),
      ...target,
    }) as fc.Arbitrary<Action>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('status' as const),
      count: fc.constantFrom(1, 2, 500),
      cursor: fc.constantFrom('none' as const, 'own' as const, 'other' as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: 'work' }) },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ side: fc.constantFrom<Side>('one', 'two'), action }) },
    {
      weight: 1,
      arbitrary: fc.record({ side: fc.constant('time' as const), millis: fc.constantFrom(5000, 120_000, 3_600_000) }),
    },
  ),
  { minLength: 10, maxLength: 40, size: 'max' },
);

/** What a user has seen so far, and what both sides need to know of each other's to reach for it. */
interface Seen {
  readonly ids: string[];
  cursor: string | undefined;
}

/** What was reached for of the other's, by step: where nobody else is there, the same is reached for. */
type Reached = Map<number, string>;

const note = (seen: Seen, { headers, body = '' }: APIGatewayProxyStructuredResultV2): void => {
  const id = /Binary\/([^/]+)\/_history\/1$/.exec(String(headers?.['location'] ?? ''))?.[1];
  if (id !== undefined && !seen.ids.includes(id)) seen.ids.push(id);
  const cursor = /_cursor=([\w-]+)/.exec(body)?.[1];
  if (cursor !== undefined) seen.cursor = cursor;
};

const pick = (step: number, reached: Reached, isOther: boolean, found: string | undefined, nothing: string): string => {
  if (!isOther) return found ?? nothing;
  const text = reached.get(step) ?? found ?? nothing;
  reached.set(step, text);
  return text;
};

const never = '01963e5f-5a2f-7abc-8def-ffffffffffff';
const noCursor = Buffer.from(`0.${never}`).toString('base64url');

const act = async (
  world: TwoTenants,
  side: Side,
  action: Action,
  step: number,
  seen: Record<Side, Seen>,
  reached: Reached,
): Promise<APIGatewayProxyStructuredResultV2 | undefined> => {
  const headers = { 'x-request-id': `step-${step}` };
  const other = side === 'one' ? 'two' : 'one';
  if (action.kind === 'work') {
    await world.work(side);
    return undefined;
  }
  if (action.kind === 'order') {
    const key = action.key === undefined ? {} : { 'idempotency-key': action.key };
    return world.call(side, 'POST', `$${action.mode}-patient-usage-stats`, {
      body: contractOrder,
      headers: { ...headers, ...key },
    });
  }
  if (action.kind === 'status') {
    const { count, cursor } = action;
    if (cursor === 'none')
      return world.call(side, 'GET', '$get-report-job-status', { headers, query: `_count=${count}` });
    const { cursor: found } = seen[cursor === 'own' ? side : other];
    const text = pick(step, reached, cursor === 'other', found, noCursor);
    return world.call(side, 'GET', '$get-report-job-status', { headers, query: `_count=${count}&_cursor=${text}` });
  }
  const { kind, whose, nth, match } = action;
  const { ids } = seen[whose === 'own' ? side : other];
  const id = pick(step, reached, whose === 'other', ids[nth % Math.max(ids.length, 1)], never);
  if (kind === 'history') return world.call(side, 'GET', `Binary/${id}/_history`, { headers });
  const condition = match === '' ? {} : { [kind === 'read' ? 'if-none-match' : 'if-match']: match };
  return world.call(side, kind === 'read' ? 'GET' : 'DELETE', `Binary/${id}`, {
    headers: { ...headers, ...condition },
  });
};

/** What each side was answered, with only these sides there; the time that passes is the same. */
const play = async (steps: readonly Step[], there: readonly Side[], reached: Reached) => {
  let current = 0;
  const world = createTwoTenants(() => current);
  const seen: Record<Side, Seen> = { one: { ids: [], cursor: undefined }, two: { ids: [], cursor: undefined } };
  const answers: Record<Side, string[]> = { one: [], two: [] };
  for (const [number, step] of steps.entries()) {
    current = number;
    world.api.clock.advance(step.side === 'time' ? step.millis : 1);
    if (step.side === 'time') await world.tick();
    else if (there.includes(step.side)) {
      const answer = await act(world, step.side, step.action, number, seen, reached);
      if (answer === undefined) continue;
      note(seen[step.side], answer);
      answers[step.side].push(JSON.stringify([number, answer.statusCode, answer.headers, answer.body]));
    }
  }
  return answers;
};

test('I4: two tenants with the same users, keys and file names each get exactly what they get alone', {
  timeout: 600_000,
}, async () => {
  const statuses = new Set<string>();
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const reached: Reached = new Map();
      const mixed = await play(steps, ['one', 'two'], reached);
      const [one, two] = [await play(steps, ['one'], reached), await play(steps, ['two'], reached)];
      expect(mixed.one).toEqual(one.one);
      expect(mixed.two).toEqual(two.two);
      for (const answer of mixed.one) statuses.add(String(JSON.parse(answer)[1]));
    }),
    { numRuns: Number(process.env['ISOLATION_RUNS'] ?? 40) },
  );
  expect([...statuses].sort()).toEqual(expect.arrayContaining(['200', '304', '404', '410', '429']));
});

test('I4: data sets whose files have the same names give each tenant its own numbers', async () => {
  let step = 0;
  const world = createTwoTenants(() => step);
  for (const side of ['one', 'two'] as const) {
    step += 1;
    const ordered = await world.call(side, 'POST', '$execute-patient-usage-stats', { body: contractOrder });
    await world.work(side);
    const path = `Binary/${String(resourceOf(ordered)['id'])}`;
    const { body = '' } = await world.call(side, 'GET', path, { headers: { accept: '*/*' } });
    const report = Object.entries(unpackReport(Buffer.from(body, 'base64')));
    const summary = report.find(([name]) => name.endsWith('PatientsUsageSummary'))?.[1];
    const fetched = resourceOf(await world.call(side, 'POST', '$fetch-patient-usage-stats', { body: contractOrder }));
    const again = Object.entries(unpackReport(Buffer.from(String(fetched['data']), 'base64')));
    expect(JSON.stringify(summary)).toContain(`"uniquePatientsWithEpisodeOfCare","count":${patientsOf[side]},`);
    expect(again.find(([name]) => name.endsWith('PatientsUsageSummary'))?.[1]).toEqual(summary);
  }
});
