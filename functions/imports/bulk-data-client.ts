import type { ImportSource } from '../auth/import-source.ts';
import type { Clock } from '../platform/clock.ts';
import { type ManifestPage, parseManifestPage } from './export-manifest.ts';
import { toHarmlessText } from './harmless-text.ts';
import type { Exchange, ExchangeAnswer, ExchangeRequest } from './https-exchange.ts';
import { ImportError } from './import-problem.ts';
import { readJson } from './read-answer.ts';
import { describeIssues, readOutcome } from './read-outcome.ts';
import { readRetryAfter } from './retry-after.ts';
import type { TokenSource } from './sign-in.ts';

/** What a look at an export found. */
export type ExportStatus =
  /** The server is at it. */
  | { readonly kind: 'working'; readonly progress: string | undefined; readonly wish: number | undefined }
  | { readonly kind: 'complete'; readonly page: ManifestPage };

/** The asynchronous part of FHIR Bulk Data (Bulk Data Access IG 2.0.0, on the FHIR Asynchronous Request Pattern of R4). */
export interface BulkDataClient {
  /**
   * Orders an export of all EpisodeOfCare resources.
   *
   * @returns where its status is told
   * @throws ImportError
   */
  kickOff(signal: AbortSignal): Promise<string>;
  /** Looks how the export gets on. @throws ImportError `EXPORT_GONE` when the server does not know it any more, and others */
  poll(statusUrl: string, signal: AbortSignal): Promise<ExportStatus>;
  /** A further page of the manifest. @throws ImportError */
  readPage(url: string, signal: AbortSignal): Promise<ManifestPage>;
  /**
   * Has the server forget the export: one that is done with, or not wanted any more.
   *
   * @returns false where the server did not say that it is gone
   * @throws ImportError where the server could not be asked, or said that it cannot now
   */
  remove(statusUrl: string, signal: AbortSignal): Promise<boolean>;
  /** Asks for a file, with a token where it needs one. The answer's status is looked at by the caller. */
  open(
    url: string,
    needsToken: boolean,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ExchangeAnswer>;
}

/** What the client needs. */
export interface BulkDataDependencies {
  readonly exchange: Exchange;
  readonly tokens: TokenSource;
  readonly clock: Clock;
}

const mostOutcomeBytes = 256 * 1024;
const mostManifestBytes = 16 * 1024 * 1024;

const fhirJson = 'application/fhir+json';

const parameters = JSON.stringify({
  resourceType: 'Parameters',
  parameter: [
    { name: '_outputFormat', valueString: 'application/fhir+ndjson' },
    { name: '_type', valueString: 'EpisodeOfCare' },
  ],
});

/** The order for an export. FUT's form is a POST with Parameters; the guide's a GET, which every server has to know. */
const kickOffRequest = ({ kind, baseUrl, group }: ImportSource): ExchangeRequest => {
  const scope = group === undefined ? '' : `/Group/${group}`;
  const url = `${baseUrl}${scope}/$export`;
  const headers = { accept: fhirJson, prefer: 'respond-async' };
  if (kind === 'fut') {
    const more = { 'cache-control': 'no-cache', 'content-type': `${fhirJson}; charset=UTF-8` };
    return { method: 'POST', url, headers: { ...headers, ...more }, body: parameters };
  }
  return { method: 'GET', url: `${url}?_type=EpisodeOfCare&_outputFormat=application%2Ffhir%2Bndjson`, headers };
};

const isPassingStatus = (status: number): boolean => [408, 425, 429, 502, 503, 504].includes(status);

/** What an answer means that is not the one hoped for. Says the status and FHIR's codes, nothing that the server wrote besides. */
const explainRefusal = async (
  answer: ExchangeAnswer,
  what: string,
  now: number,
  signal: AbortSignal,
): Promise<ImportError> => {
  const { status, headers } = answer;
  const outcome = readOutcome(await readJson(answer, mostOutcomeBytes, signal).catch(() => undefined));
  const said = outcome === undefined ? '' : ` with an OperationOutcome (${describeIssues(outcome)})`;
  const cause = `${what}: the server answered ${status}${said}.`;
  const wish = readRetryAfter(headers['retry-after'], now);
  if (status === 401) return new ImportError('SIGN_IN_REFUSED', cause, wish);
  const isUnexplained = status >= 500 && outcome === undefined;
  const isPassing = isPassingStatus(status) || isUnexplained || outcome?.isTransient === true;
  return new ImportError(isPassing ? 'EXPORT_UNAVAILABLE' : 'EXPORT_REFUSED', cause, wish);
};

/** The client of one tenant's server. Every request but those for files without a token carries one; a refused one is renewed once. */
export const createBulkDataClient = (source: ImportSource, dependencies: BulkDataDependencies): BulkDataClient => {
  const { exchange, tokens, clock } = dependencies;

  const send = async (request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeAnswer> => {
    const authorization = await tokens.authorize(signal);
    const answer = await exchange.send({ ...request, authorization }, signal);
    if (answer.status !== 401) return answer;
    answer.body.on('error', () => undefined).destroy();
    const renewed = await tokens.authorize(signal, authorization);
    return exchange.send({ ...request, authorization: renewed }, signal);
  };

  const readManifest = async (answer: ExchangeAnswer, signal: AbortSignal): Promise<ManifestPage> =>
    parseManifestPage(await readJson(answer, mostManifestBytes, signal), answer.url, clock.now());

  return {
    async kickOff(signal) {
      const what = 'The order for an export';
      const answer = await send(kickOffRequest(source), signal);
      if (answer.status !== 202) throw await explainRefusal(answer, what, clock.now(), signal);
      answer.body.resume();
      const location = answer.headers['content-location'];
      if (location !== undefined && URL.canParse(location, answer.url)) return new URL(location, answer.url).href;
      throw new ImportError('EXPORT_REFUSED', `${what}: the server answered 202 without a usable Content-Location.`);
    },

    async poll(statusUrl, signal) {
      const headers = { accept: 'application/json, application/fhir+json;q=0.9' };
      const answer = await send({ method: 'GET', url: statusUrl, headers }, signal);
      const { status } = answer;
      if (status === 200) return { kind: 'complete', page: await readManifest(answer, signal) };
      if (status === 202) {
        answer.body.resume();
        const progress = toHarmlessText([answer.headers['x-progress']].flat()[0]);
        return { kind: 'working', progress, wish: readRetryAfter(answer.headers['retry-after'], clock.now()) };
      }
      const refusal = await explainRefusal(answer, 'The status of the export', clock.now(), signal);
      throw status === 404 || status === 410 ? new ImportError('EXPORT_GONE', refusal.cause) : refusal;
    },

    async readPage(url, signal) {
      const answer = await send({ method: 'GET', url, headers: { accept: 'application/json' } }, signal);
      if (answer.status === 200) return readManifest(answer, signal);
      throw await explainRefusal(answer, 'A further page of the manifest', clock.now(), signal);
    },

    async remove(statusUrl, signal) {
      const answer = await send({ method: 'DELETE', url: statusUrl, headers: { accept: fhirJson } }, signal);
      const { status } = answer;
      if (isPassingStatus(status)) throw await explainRefusal(answer, 'The removal of the export', clock.now(), signal);
      answer.body.on('error', () => undefined).destroy();
      // A server that has finished the export may not know it any more: 404 is as good.
      return (status >= 200 && status < 300) || status === 404 || status === 410;
    },

    open: (url, needsToken, headers, signal) => {
      const request = { method: 'GET', url, headers } as const;
      return needsToken ? send(request, signal) : exchange.send(request, signal);
    },
  };
};
