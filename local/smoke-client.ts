import { fhirAccept } from './report-client.ts';

/** What is not as it has to be, in words that an operator can act on; never with a token or a report's content. */
export class SmokeFailure extends Error {
  override readonly name = 'SmokeFailure';
  /** The answer's, where there was one. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** A resource as far as the smoke test looks at any. */
export interface SmokeResource {
  readonly resourceType?: string;
  readonly id?: string;
  readonly type?: string;
  readonly total?: number;
  readonly meta?: { readonly versionId?: string };
  readonly software?: { readonly name?: string; readonly version?: string };
  readonly contentType?: string;
  readonly data?: string;
  readonly issue?: readonly { readonly diagnostics?: string; readonly details?: { readonly text?: string } }[];
  readonly entry?: readonly { readonly resource?: SmokeResource }[];
}

/** An answer with the status that was expected. */
export interface SmokeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** What a call is to be answered, and how it is made. */
export interface SmokeCall {
  readonly wanted: number;
  /** Below the base. */
  readonly path: string;
  /** Empty: none is sent. */
  readonly token: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The resource in an answer.
 *
 * @throws SmokeFailure when it is none
 */
export const readResource = ({ status, bytes }: SmokeAnswer): SmokeResource => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as SmokeResource;
  } catch {
    throw new SmokeFailure('The answer is not JSON. Does --base lead to this service, with its path (/fhir)?', status);
  }
};

/** What an OperationOutcome says, cause included; empty for anything else. */
export const readOutcome = (bytes: Uint8Array): string => {
  try {
    const [issue] = (JSON.parse(Buffer.from(bytes).toString('utf8')) as SmokeResource).issue ?? [];
    const texts = [issue?.diagnostics, issue?.details?.text].filter((text) => text !== undefined);
    return texts.map((text) => (text.endsWith('.') ? text : `${text}.`)).join(' ');
  } catch {
    return '';
  }
};

/** Where to look for what a status that was not expected means. */
const hints: Readonly<Record<number, string>> = {
  401: 'Is its issuer that of an enabled tenant here (npm run tenant -- list --stage …)? The api log has the reason.',
  403: 'The token needs the roles $fetch-patient-usage-stats and Binary.read, and user_type PRACTITIONER or SYSTEM.',
  404: 'Does --base have its path (/fhir)?',
  421: 'Use the base URL of the region that the tenant belongs to.',
  429: 'The tenant has as many open orders as it may, or the gateway throttles.',
  500: 'Search the api log for the request id.',
  503: 'A dependency or the issuer does not answer: search the api log for the request id.',
};

const describeUnexpected = ({ status, headers, bytes }: SmokeAnswer, wanted: number): SmokeFailure => {
  const id = headers.get('x-request-id');
  const parts = [
    `${wanted} was expected.`,
    readOutcome(bytes),
    hints[status] ?? '',
    id === null ? '' : `Request id ${id}.`,
  ];
  return new SmokeFailure(parts.filter((part) => part !== '').join(' '), status);
};

/** Only what lies behind a failed fetch is repeated: a call that could not be made says so with its headers. */
const toFailure = (error: unknown): SmokeFailure => {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  if (cause === undefined)
    return new SmokeFailure('The call cannot be made. Has the token characters that no header takes?');
  const what = cause.code ?? cause.message ?? 'unknown';
  return new SmokeFailure(
    `No answer (${what}). Is --base right, can it be reached, is its certificate trusted (--ca)?`,
  );
};

/**
 * Makes one call.
 *
 * @throws SmokeFailure when it is answered otherwise than wanted, or not at all
 */
export const callService = async (baseUrl: string, call: SmokeCall): Promise<SmokeAnswer> => {
  const { wanted, path, token, method = 'GET', headers = {}, body } = call;
  const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
  const sent = { accept: fhirAccept, ...authorization, ...headers };
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: sent,
    ...(body === undefined ? {} : { body }),
  }).catch((error: unknown) => {
    throw toFailure(error);
  });
  const answer = { status: response.status, headers: response.headers, bytes: await response.bytes() };
  if (answer.status !== wanted) throw describeUnexpected(answer, wanted);
  return answer;
};
