import { randomUUID } from 'node:crypto';
import { unpackReport, waitForReport } from './report-client.ts';
import { callService, readOutcome, readResource, type SmokeCall, SmokeFailure } from './smoke-client.ts';

/** A service and who asks it. */
export interface SmokeTarget {
  /** The public address, without a slash at its end. */
  readonly baseUrl: string;
  /** Of a user who may order reports and read them. */
  readonly token: string;
  /** Of another user or another tenant, who must see nothing of the first one's. */
  readonly strangerToken?: string | undefined;
  /** The most time that the report may take, in milliseconds. */
  readonly within: number;
}

/** What a step saw: the status that it is about, and a few words. */
export interface Seen {
  readonly status: number;
  readonly detail?: string;
}

/** How far a journey has come. */
export interface Progress {
  /** The Binary that was ordered. */
  id?: string;
  /** The report's bytes. */
  report?: Uint8Array;
}

/** One step of the journey. */
export interface SmokeStep {
  readonly name: string;
  /** What it cannot be done without. */
  readonly needs?: keyof Progress;
  run(): Promise<Seen>;
}

interface Journey {
  readonly target: SmokeTarget;
  readonly progress: Progress;
  call(wanted: number, path: string, own?: Partial<SmokeCall>): ReturnType<typeof callService>;
  /** Path of the Binary that was ordered. */
  binary(): string;
}

const placeholder = '*NOT GENERATED YET*';
const statusPath = '/$get-report-job-status';
const reportType = 'application/gzip-json';

const require = (holds: boolean, message: string, status: number): void => {
  if (!holds) throw new SmokeFailure(message, status);
};

const publicSteps = ({ call }: Journey): readonly SmokeStep[] => [
  {
    name: 'metadata',
    run: async () => {
      const answer = await call(200, '/metadata', { token: '' });
      const { resourceType, software } = readResource(answer);
      require(resourceType === 'CapabilityStatement', 'That is no CapabilityStatement.', answer.status);
      return { status: answer.status, detail: `${software?.name} ${software?.version}` };
    },
  },
  {
    name: 'without a token',
    run: async () => {
      const { status, headers } = await call(401, statusPath, { token: '' });
      require(headers.has('www-authenticate'), 'The answer has no WWW-Authenticate.', status);
      return { status };
    },
  },
];

const order = ({ call }: Journey, key: string) =>
  call(200, '/$execute-patient-usage-stats', {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json', 'idempotency-key': key },
    body: '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"ANONYMIZED"}]}',
  });

const orderSteps = (journey: Journey, key: string): readonly SmokeStep[] => [
  {
    name: 'order',
    run: async () => {
      const answer = await order(journey, key);
      const { status, headers } = answer;
      const { id, data = '' } = readResource(answer);
      if (id !== undefined) journey.progress.id = id;
      const isLinked = headers.get('location') === `${journey.target.baseUrl}/Binary/${id}/_history/1`;
      const otherBase =
        'Location does not begin with --base: BASE_URL of the api (stage parameter baseUrl) is another.';
      require(isLinked, otherBase, status);
      require(Buffer.from(data, 'base64').toString() === placeholder, 'Version 1 is not the placeholder.', status);
      return { status, detail: `Binary ${id}` };
    },
  },
  {
    name: 'the same order again',
    needs: 'id',
    run: async () => {
      const answer = await order(journey, key);
      const isSame = readResource(answer).id === journey.progress.id;
      require(isSame, 'The same Idempotency-Key made another Binary.', answer.status);
      return { status: answer.status, detail: 'the same Binary' };
    },
  },
];

/** Until version 2 is there, and its bytes as they are. A report that failed has an OperationOutcome in their place. */
const awaitReport = async ({ target, progress, call, binary }: Journey): Promise<Seen> => {
  const patience = { within: target.within, longestPause: 60_000 };
  await waitForReport(`${target.baseUrl}${binary()}`, target.token, patience).catch((error: unknown) => {
    const what = error instanceof Error ? error.message : String(error);
    throw new SmokeFailure(`${what}. Do worker and dispatcher run? Search their logs for the Binary id.`);
  });
  const { status, headers, bytes } = await call(200, binary(), { headers: { accept: '*/*' } });
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('application/fhir+json')) {
    const where = 'See docs/runbook.md, "Find out what happened to a report".';
    throw new SmokeFailure(`${readOutcome(bytes)} ${where}`, status);
  }
  require(type === reportType, 'The content is of another type.', status);
  progress.report = bytes;
  return { status, detail: `${bytes.length} bytes` };
};

const readSteps = (journey: Journey): readonly SmokeStep[] => {
  const { call, binary, progress } = journey;
  return [
    { name: 'wait for it, read it raw', needs: 'id', run: () => awaitReport(journey) },
    {
      name: 'unpack it',
      needs: 'report',
      run: async () => {
        const names = Object.keys(unpackReport(progress.report ?? new Uint8Array())).map((path) =>
          path.split('/').at(-1),
        );
        require(names.includes('ReportHeader'), 'The ZIP has no ReportHeader.', 200);
        return { status: 200, detail: names.join(', ') };
      },
    },
    {
      name: 'read it as a resource',
      needs: 'report',
      run: async () => {
        const answer = await call(200, binary());
        const { contentType, data, meta } = readResource(answer);
        // A report that is too large for an answer is linked, and has no data.
        const isSame = data === undefined || Buffer.from(data, 'base64').equals(progress.report ?? new Uint8Array());
        require(isSame &&
          contentType === reportType, 'The resource holds something else than was read raw.', answer.status);
        return { status: answer.status, detail: `version ${meta?.versionId}` };
      },
    },
    {
      name: 'read it only if it is new',
      needs: 'report',
      run: () => call(304, binary(), { headers: { 'if-none-match': 'W/"2"' } }).then(({ status }) => ({ status })),
    },
  ];
};

const aroundSteps = ({ call, binary, target }: Journey): readonly SmokeStep[] => [
  {
    name: 'read version 1',
    needs: 'id',
    run: async () => {
      const { status, bytes } = await call(200, `${binary()}/_history/1`, { headers: { accept: 'text/plain' } });
      require(Buffer.from(bytes).toString() === placeholder, 'Version 1 is not the placeholder any more.', status);
      return { status };
    },
  },
  {
    name: 'history',
    needs: 'report',
    run: async () => {
      const answer = await call(200, `${binary()}/_history`);
      const { type, total } = readResource(answer);
      require(type === 'history' && total === 2, 'That is no history of two versions.', answer.status);
      return { status: answer.status, detail: `${total} versions` };
    },
  },
  {
    name: 'job status',
    needs: 'report',
    run: async () => {
      const answer = await call(200, statusPath);
      const jobs = (readResource(answer).entry ?? []).map(({ resource }) => JSON.stringify(resource));
      const own = jobs.find((job) => job.includes(`"${target.baseUrl}${binary()}"`));
      require(own?.includes('"DONE"') === true, 'The job is not among those of its user as DONE.', answer.status);
      return { status: answer.status, detail: 'DONE' };
    },
  },
];

const endSteps = ({ call, binary, target: { strangerToken } }: Journey): readonly SmokeStep[] => {
  const plain = (name: string, wanted: number, own: Partial<SmokeCall> = {}): SmokeStep => ({
    name,
    needs: 'id',
    run: () => call(wanted, binary(), own).then(({ status }) => ({ status })),
  });
  return [
    ...(strangerToken === undefined ? [] : [plain('a stranger reads it', 404, { token: strangerToken })]),
    plain('delete it', 200, { method: 'DELETE' }),
    plain('read what was deleted', 410),
  ];
};

/**
 * What a client does, from the capability statement to the erased report, a step at a time; and how far it has come. Whatever fails in
 * between, a report that was ordered is deleted in the end.
 */
export const createSmokeJourney = (target: SmokeTarget) => {
  const { baseUrl, token } = target;
  const progress: Progress = {};
  const journey: Journey = {
    target,
    progress,
    call: (wanted, path, own = {}) => callService(baseUrl, { wanted, path, token, ...own }),
    binary: () => `/Binary/${progress.id}`,
  };
  const steps = [
    ...publicSteps(journey),
    ...orderSteps(journey, `smoke-${randomUUID()}`),
    ...readSteps(journey),
    ...aroundSteps(journey),
    ...endSteps(journey),
  ];
  return { steps, progress };
};
