import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../functions/api/route.ts';
import { createRoutes, type RouteDependencies } from '../../functions/api/routes.ts';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { refuseToken } from '../../functions/auth/token-refusal.ts';
import { contentKey, describeStoredVersion, reportContentType } from '../../functions/binaries/binary.ts';
import { toDefinitionId } from '../../functions/fhir/operation-definition.ts';
import { apiEvent } from '../support/api-event.ts';
import { createTestApi, sampleCaller } from '../support/create-test-api.ts';
import { contractOrder } from '../support/fhir-client.ts';
import { dataSetInMemory } from '../support/in-memory-data-set.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';
import { sampleTenant } from '../support/sample-tenant.ts';

// Walks every path of the table of routes with every method, as everybody, over everything that an id can stand for. What comes out is
// pinned in test/fixtures/walk.txt. After a deliberate change: npm test -- test/api/walk.test.ts --update, and read the difference line by line.

const baseUrl = 'https://reporting.example/fhir';

/** The table is asked what there is, never to do anything. */
const routes = createRoutes({ baseUrl } as RouteDependencies);

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const otherTenant = sampleTenant({ id: restoreTenantId('other'), issuer: 'https://issuer.example/realms/other' });
const callers = {
  'no token': undefined,
  'no role': sampleCaller({ roles: new Set() }),
  'other user': sampleCaller({ userId: 'somebody-else' }),
  'other tenant': sampleCaller({ tenant: otherTenant }),
  'tenant elsewhere': sampleCaller({ tenant: sampleTenant({ region: 'eu-west-1', elsewhere: true }) }),
  owner: sampleCaller(),
} as const;
type CallerName = keyof typeof callers;
const callerNames = Object.keys(callers) as CallerName[];

const binaryIds = {
  exists: sampleBinaryId('e01'),
  deleted: sampleBinaryId('de1'),
  unknown: sampleBinaryId('9999'),
  malformed: 'planted-patient',
} as const;
type IdState = keyof typeof binaryIds;

/** What `{id}` stands for in a path. A type of resource that is new here has to be given its ids first. */
const idsOf = (template: string): Readonly<Record<IdState, string>> => {
  if (template.startsWith('/Binary/')) return binaryIds;
  if (template.startsWith('/OperationDefinition/'))
    return { ...binaryIds, exists: toDefinitionId('execute-patient-usage-stats') };
  throw new Error(`the walk knows no ids for ${template}`);
};

interface Cell {
  readonly route: Route;
  readonly method: (typeof methods)[number];
  readonly caller: CallerName;
  readonly state: IdState | '-';
}

const cells: readonly Cell[] = routes.flatMap((route) =>
  methods.flatMap((method) =>
    callerNames.flatMap((caller) => {
      const states = route.template.includes('{id}') ? (Object.keys(binaryIds) as IdState[]) : (['-'] as const);
      return states.map((state) => ({ route, method, caller, state }));
    }),
  ),
);

interface Outcome {
  readonly cell: Cell;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Calls of stores, content, queue and data sets. */
  readonly calls: number;
}

const reportBytes = new TextEncoder().encode('the report');

const createApi = async () => {
  let opened = 0;
  const dataSet = dataSetInMemory('2026-04-01T00:00:00Z', []);
  const api = createTestApi(
    {},
    {
      verifier: {
        async verify(authorization) {
          const name = authorization?.replace(/^Bearer /, '') as CallerName | undefined;
          const caller = name === undefined ? undefined : callers[name];
          if (caller === undefined) throw refuseToken('token-missing');
          return caller;
        },
      },
      dataSets: {
        openCurrent: (...asked) => {
          opened += 1;
          return dataSet.openCurrent(...asked);
        },
      },
    },
  );
  for (const state of ['exists', 'deleted'] as const) {
    const binaryId = binaryIds[state];
    const { due: _due, ...job } = sampleJob({ binaryId });
    const key = contentKey(demoTenant, binaryId, 2, 'worker');
    const described = { versionId: 2, contentType: reportContentType, lastUpdated: sampleTime, writer: 'worker' };
    const version = describeStoredVersion({ ...described, bytes: reportBytes }, key);
    const done = { ...job, status: 'DONE', attempts: 1, started: sampleTime, ended: sampleTime } as const;
    await api.jobs.place(demoTenant, { ...done, versions: [...job.versions, version] });
    const [first] = job.versions;
    const firstKey = first?.content.kind === 'stored' ? first.content.key : '';
    const placeholder = new TextEncoder().encode('*NOT GENERATED YET*');
    await api.content.put(demoTenant, { key: firstKey, contentType: 'text/plain', bytes: placeholder });
    await api.content.put(demoTenant, { key, contentType: reportContentType, bytes: reportBytes });
  }
  const seen = await api.jobs.read(demoTenant, binaryIds.deleted);
  if (seen === undefined) throw new Error('there is nothing to delete');
  await api.jobs.remove(demoTenant, seen, { deletedAt: sampleTime, due: sampleTime });
  await api.jobs.markErased(demoTenant, binaryIds.deleted, { erasedAt: sampleTime, swept: true });
  return { api, calls: () => api.calls() + opened };
};

const bodyFor = (template: string): string =>
  template === '/$get-report-job-status' ? '{"resourceType":"Parameters"}' : contractOrder;

const visit = async (cell: Cell): Promise<Outcome> => {
  const { route, method, caller, state } = cell;
  const { api, calls } = await createApi();
  const id = state === '-' ? '' : idsOf(route.template)[state];
  const path = route.template.replace('{id}', id).replace('{vid}', '2');
  const accept = route.template.endsWith('.json') ? 'application/json' : 'application/fhir+json';
  const authorization = callers[caller] === undefined ? undefined : { authorization: `Bearer ${caller}` };
  const event = apiEvent(method, `/fhir${path}`, {
    headers: { accept, 'content-type': 'application/fhir+json', 'x-request-id': 'walk', ...authorization },
    ...(['GET', 'HEAD'].includes(method) ? {} : { body: bodyFor(route.template) }),
  });
  const answer: APIGatewayProxyStructuredResultV2 = await api.send(event);
  const headers = Object.fromEntries(
    Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const audits = route.access === 'public' ? 0 : 1;
  expect(api.audited, `audit events of ${method} ${path}`).toHaveLength(audits);
  return { cell, status: Number(answer.statusCode), headers, body: answer.body ?? '', calls: calls() };
};

let outcomes: readonly Outcome[] = [];
beforeAll(async () => {
  const walked: Outcome[] = [];
  for (const cell of cells) walked.push(await visit(cell));
  outcomes = walked;
});

const nameOf = ({ cell }: Outcome): string => `${cell.method} ${cell.route.template} as ${cell.caller} (${cell.state})`;
const isGuarded = ({ cell }: Outcome): boolean => cell.route.access === 'token';
const those = (condition: (outcome: Outcome) => boolean): readonly Outcome[] => {
  const found = outcomes.filter(condition);
  expect(found.length).toBeGreaterThan(0);
  return found;
};
/** The body with its id taken out, so that bodies about different ids compare. */
const withoutId = ({ body, cell }: Outcome): string =>
  cell.state === '-' ? body : body.replaceAll(idsOf(cell.route.template)[cell.state], '{id}');

/** Headers of every answer; `vary`, `content-type` and what an operation adds are told with each. */
const standardHeaders = {
  'x-request-id': 'walk',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
  'x-powered-by': expect.stringMatching(/^serverless-reporting\//),
  'cache-control': expect.any(String),
} as const;

const noCache = 'no-cache, no-store, max-age=0, must-revalidate';

/** Left out of an answer's description: what every one has, and what depends on the software's version. */
const describeHeaders = ({ headers, cell }: Outcome): string[] =>
  Object.entries(headers)
    .filter(([name, value]) => !(name in standardHeaders) || (name === 'cache-control' && value !== noCache))
    .filter(([name, value]) => !(name === 'pragma' && value === 'no-cache') && !(name === 'expires' && value === '0'))
    .map(([name, value]) => (cell.route.access === 'public' && name === 'etag' ? `${name}: …` : `${name}: ${value}`))
    .sort();

/** What the service tells of itself changes with its texts and its version; tests of its own look at it. */
const describeBody = ({ body, cell, status }: Outcome): string => {
  if (body === '') return '(no body)';
  if (cell.route.access === 'public' && status === 200) {
    const { resourceType, openapi } = JSON.parse(body) as Record<string, unknown>;
    return resourceType === undefined ? `(OpenAPI ${openapi})` : `(${resourceType})`;
  }
  // A ZIP says of itself which version of the software made it.
  return body.replace(/"data":"[^"]{100,}"/, '"data":"…"');
};

const nameIds = (text: string): string =>
  Object.entries(binaryIds).reduce((named, [state, id]) => named.replaceAll(id, `{${state}}`), text);

const describeAnswer = (outcome: Outcome): string =>
  nameIds([...describeHeaders(outcome), describeBody(outcome)].map((line) => `    ${line}`).join('\n'));

const renderWalk = (): string => {
  const answers = new Map<string, string>();
  const numberOf = (outcome: Outcome): string => {
    const described = `${outcome.status}\n${describeAnswer(outcome)}`;
    const number = answers.get(described) ?? `#${answers.size + 1}`;
    answers.set(described, number);
    return number;
  };
  const describeRows = (route: Route, method: string): string =>
    callerNames
      .map((caller) => {
        const row = outcomes.filter(
          ({ cell }) => cell.route === route && cell.method === method && cell.caller === caller,
        );
        const texts = row.map((outcome) => `${outcome.status} ${numberOf(outcome)} (${outcome.calls})`.padEnd(14));
        return `    ${caller.padEnd(24)}${texts.join('')}`.trimEnd();
      })
      .join('\n');
  const tables = routes.map((route) => {
    const blocks = Map.groupBy(methods, (method) => describeRows(route, method));
    const columns = route.template.includes('{id}') ? Object.keys(binaryIds) : [''];
    const title = `${route.template.padEnd(28)}${columns.map((column) => column.padEnd(14)).join('')}`.trimEnd();
    return [title, ...[...blocks].map(([rows, alike]) => `  ${alike.join(', ')}\n${rows}`)].join('\n');
  });
  const legend = [...answers].map(([described, number]) => `${number} ${described}`);
  return [
    `${cells.length} cells: path × method × caller × what the id stands for. A cell: status, number of the answer below, calls of stores.`,
    ...tables,
    'Answers, without the headers that all have:',
    ...legend,
    '',
  ].join('\n\n');
};

describe(`the walk of ${cells.length} cells`, () => {
  test('is as it was pinned', async () => {
    await expect(renderWalk()).toMatchFileSnapshot('../fixtures/walk.txt');
  });

  test('covers every method of every route', () => {
    for (const { template, methods: served } of routes) {
      for (const method of Object.keys(served)) expect(methods, template).toContain(method);
    }
  });

  test('finds the standard headers on every answer, and an OperationOutcome in every refusal', () => {
    for (const outcome of outcomes) {
      expect(outcome.headers, nameOf(outcome)).toMatchObject(standardHeaders);
      if (outcome.status < 400 || outcome.cell.method === 'HEAD') continue;
      expect(outcome.headers['content-type'], nameOf(outcome)).toBe('application/fhir+json; charset=UTF-8');
      expect(JSON.parse(outcome.body), nameOf(outcome)).toMatchObject({ resourceType: 'OperationOutcome' });
    }
  });

  test('finds what exists, for its owner', () => {
    const found = those(({ cell }) => cell.caller === 'owner' && cell.state === 'exists' && cell.method === 'GET');
    expect(found.filter(({ status }) => status !== 200).map(nameOf)).toEqual([]);
  });

  test('finds no fault of the service', () => {
    expect(outcomes.filter(({ status }) => status >= 500).map(nameOf)).toEqual([]);
  });

  test('touches no store for what is denied for its token, its role or its form', () => {
    for (const outcome of those(({ status }) => [400, 401, 403, 405, 406, 413, 415, 421].includes(status))) {
      expect(outcome.calls, nameOf(outcome)).toBe(0);
    }
  });

  test('reads one record and nothing else for what is denied at the object', () => {
    for (const outcome of those((one) => isGuarded(one) && [404, 410].includes(one.status))) {
      expect(outcome.calls, nameOf(outcome)).toBe(1);
    }
  });

  test('gives everybody without a token the same 401 on every guarded path and method', () => {
    const refused = those((outcome) => isGuarded(outcome) && outcome.cell.caller === 'no token');
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401]));
    const withBody = refused.filter(({ cell }) => cell.method !== 'HEAD');
    expect(new Set(withBody.map(({ headers, body }) => JSON.stringify([headers, body]))).size).toBe(1);
  });

  test('gives every caller of a tenant of another region the same 421 on every guarded path and method', () => {
    const refused = those((outcome) => isGuarded(outcome) && outcome.cell.caller === 'tenant elsewhere');
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([421]));
    const withBody = refused.filter(({ cell }) => cell.method !== 'HEAD');
    expect(new Set(withBody.map(({ headers, body }) => JSON.stringify([headers, body]))).size).toBe(1);
  });

  test("answers a stranger's id and a deleted one as it answers one that never was (I4)", () => {
    for (const stranger of ['other user', 'other tenant'] as const) {
      const seen = those(
        (outcome) =>
          outcome.cell.caller === stranger &&
          outcome.cell.state !== 'malformed' &&
          outcome.cell.route.template.startsWith('/Binary/'),
      );
      for (const [, alike] of Map.groupBy(seen, ({ cell }) => `${cell.method} ${cell.route.template}`)) {
        const answers = alike.map((one) => JSON.stringify([one.status, one.headers, withoutId(one), one.calls]));
        expect(new Set(answers).size, nameOf(alike[0] as Outcome)).toBe(1);
      }
    }
  });

  test('repeats no id that is none of ours', () => {
    for (const { body, headers } of those(({ cell }) => cell.state === 'malformed')) {
      expect(JSON.stringify([body, headers])).not.toContain('planted-patient');
    }
  });

  test('answers HEAD as GET, without a body', () => {
    for (const head of those(({ cell }) => cell.method === 'HEAD')) {
      const { route, caller, state } = head.cell;
      const get = outcomes.find(
        ({ cell }) => cell.method === 'GET' && cell.route === route && cell.caller === caller && cell.state === state,
      );
      expect(head.body, nameOf(head)).toBe('');
      expect([head.status, head.headers], nameOf(head)).toEqual([get?.status, get?.headers]);
    }
  });
});
