import type { Embedded } from '../../local/start-embedded.ts';

/** The body of the contract's request. */
export const contractOrder =
  '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';

/** A Binary as a client sees it. */
export interface ReceivedBinary {
  readonly resourceType: 'Binary';
  readonly id: string;
  readonly meta: { readonly versionId: string; readonly lastUpdated: string; readonly source?: string };
  readonly contentType: string;
  readonly data: string;
}

/** Calls the service over HTTP as one user, with a token of the running issuer. */
export interface FhirClient {
  /** Any call below the base. */
  call(method: string, path: string, own?: { body?: string; headers?: Record<string, string> }): Promise<Response>;
  /** Orders the report of the contract's example and gives the placeholder. */
  order(): Promise<ReceivedBinary>;
  /** Reads a Binary as a resource. */
  read(path: string): Promise<ReceivedBinary>;
  /** The status of the caller's jobs, newest first. */
  statuses(): Promise<readonly string[]>;
}

interface StatusBundle {
  readonly entry?: readonly {
    readonly resource: {
      readonly parameter: readonly [{ readonly part: readonly { name: string; valueString?: string }[] }];
    };
  }[];
}

const expectOk = async <Body>(response: Response): Promise<Body> => {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
};

/** A client with a token for this user; by default the user and roles of the contract's example at the tenant `demo`. */
export const createFhirClient = async (
  { baseUrl, issuer }: Pick<Embedded, 'baseUrl' | 'issuer'>,
  wish: Parameters<Embedded['issuer']['sign']>[1] = {},
  tenant = 'demo',
): Promise<FhirClient> => {
  const authorization = `Bearer ${await issuer.sign(tenant, wish)}`;
  const fhir = {
    authorization,
    accept: 'application/fhir+json;q=1.0, application/json+fhir;q=0.9',
    'content-type': 'application/fhir+json; charset=UTF-8',
  };
  const call: FhirClient['call'] = (method, path, own = {}) =>
    fetch(`${baseUrl}/${path}`, {
      method,
      headers: { ...fhir, ...own.headers },
      ...(own.body === undefined ? {} : { body: own.body }),
    });
  return {
    call,
    order: async () => expectOk(await call('POST', '$execute-patient-usage-stats', { body: contractOrder })),
    read: async (path) => expectOk(await call('GET', path)),
    async statuses() {
      const { entry = [] } = await expectOk<StatusBundle>(await call('GET', '$get-report-job-status'));
      return entry.map(({ resource }) => {
        const status = resource.parameter[0].part.find(({ name }) => name === 'status');
        return status?.valueString ?? '';
      });
    },
  };
};
