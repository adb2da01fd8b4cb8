import type { ExchangeRequest } from '../../../functions/imports/https-exchange.ts';
import { plantedReference } from '../data-sets.ts';
import type { DecisionTape } from '../decision-tape.ts';
import { describeContent, type ExportContent } from './export-content.ts';
import type { ExportFault, ImportSwarm } from './import-swarm.ts';

/** An answer as it leaves the server: its body in parts, with the last of which the connection may be lost. */
export interface ServerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: readonly Uint8Array[];
  readonly isCut: boolean;
}

/** What surrounds a server. */
export interface ServerSurroundings {
  readonly tenant: string;
  readonly tape: DecisionTape;
  readonly swarm: Pick<ImportSwarm, 'exportFaultRate' | 'exportFaults'>;
  now(): number;
  isQuiet(): boolean;
  count(kind: string): void;
}

/** A request, taken apart, and what goes wrong with it. */
interface Asked {
  readonly request: ExchangeRequest;
  readonly path: readonly string[];
  readonly isNextPage: boolean;
  readonly fault: ExportFault | undefined;
}

/** An export that was ordered. */
interface Export {
  /** What it is, and what it was when it was asked before. */
  readonly contents: ExportContent[];
  readonly readyAt: number;
  readonly retryAfter: string | undefined;
  readonly isPaged: boolean;
  readonly form: 'ranges' | 'plain' | 'binary';
  readonly hasCounts: boolean;
  readonly needsToken: boolean;
  /** What is wrong with it as a whole. */
  readonly fault: ExportFault | undefined;
  /** Its manifest was asked for before. */
  wasTold: boolean;
}

const second = 1000;
const minute = 60 * second;
const partBytes = 900;
/** Where it is asked for a part of a file, it gives so much of it. */
const mostOfPart = 1900;
/** Faults of an export as a whole; the others befall a request. */
const wholeFaults: ReadonlySet<ExportFault> = new Set(['errors', 'warnings', 'empty', 'endless', 'miscounted']);

/** Where a tenant's server is. */
export const baseUrlOf = (tenant: string): string => `https://fhir.${tenant}.example/r4`;

/** The secret with which the service signs in. Must never be seen in a log line, a message or an item. */
export const plantedSecret = 'planted-secret';

const answerOf = (status: number, headers: Record<string, string> = {}, body?: unknown): ServerAnswer => ({
  status,
  headers,
  parts: body === undefined ? [] : [Buffer.from(JSON.stringify(body))],
  isCut: false,
});

const outcome = (severity: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code: 'processing', diagnostics: `${plantedReference}1 is missing` }],
});

/** A tenant's FHIR server with Bulk Data export, in memory: one request after the other, answered at once. */
export const createExportServer = ({ tenant, tape, swarm, now, isQuiet, count }: ServerSurroundings) => {
  const base = baseUrlOf(tenant);
  const exports = new Map<string, Export>();
  const made: ExportContent[] = [];
  const tokens = new Map<string, number>();
  let issued = 0;
  let latest = 0;

  const choose = <Choice>(choices: readonly Choice[]): Choice => choices[tape.draw(choices.length)] as Choice;
  const drawFault = (isWhole: boolean): ExportFault | undefined => {
    if (isQuiet() || swarm.exportFaultRate === 0 || !tape.chance(swarm.exportFaultRate)) return undefined;
    const fault = choose(swarm.exportFaults);
    if (wholeFaults.has(fault) !== isWhole) return undefined;
    count(`export-${fault}`);
    return fault;
  };

  /** No two have the same time, and none an earlier one than the one before. */
  const make = (files: number, isEmpty: boolean): ExportContent => {
    latest = Math.max(now(), latest + 1);
    const content = describeContent(tenant, made.length, new Date(latest).toISOString(), files, isEmpty);
    made.push(content);
    return content;
  };

  const kickOff = (): ServerAnswer => {
    const fault = drawFault(true);
    const id = String(made.length);
    const wait = choose([0, 0, 20 * second, 3 * minute, 20 * minute]);
    exports.set(id, {
      contents: [make(choose([2, 1, 3]), fault === 'empty')],
      readyAt: fault === 'endless' ? Number.POSITIVE_INFINITY : now() + wait,
      retryAfter: fault === 'endless' ? '600' : choose([undefined, '10', '120']),
      isPaged: tape.draw(3) === 1,
      form: choose(['ranges', 'plain', 'ranges', 'binary']),
      hasCounts: tape.draw(2) === 0,
      needsToken: tape.draw(2) === 0,
      fault,
      wasTold: false,
    });
    return answerOf(202, { 'content-location': `${base}/planted-export/${id}` });
  };

  const describePage = (id: string, one: Export, page: number) => {
    const version = one.contents.length - 1;
    const { transactionTime, files } = one.contents[version] as ExportContent;
    const lines = (bytes: Uint8Array) => bytes.filter((byte) => byte === 0x0a).length;
    const output = files.map((bytes, file) => ({
      type: 'EpisodeOfCare',
      url: `${base}/planted-link/${id}/${version}/${file}`,
      ...(one.hasCounts && { count: lines(bytes) + (one.fault === 'miscounted' ? 1 : 0) }),
    }));
    const first = one.isPaged ? output.slice(0, 1) : output;
    const hasErrors = one.fault === 'errors' || one.fault === 'warnings';
    return {
      transactionTime,
      requiresAccessToken: one.needsToken,
      output: page === 1 ? first : output.slice(first.length),
      error: hasErrors && page === 1 ? [{ type: 'OperationOutcome', url: `${base}/planted-errors/${id}` }] : [],
      ...(one.isPaged && page === 1 && { link: [{ relation: 'next', url: `${base}/planted-export/${id}?page=2` }] }),
    };
  };

  /** It changes its mind most of all where it is asked once more. */
  const isChanged = ({ wasTold }: Export, fault: ExportFault | undefined): boolean => {
    if (fault === 'changed') return true;
    const isFickle = wasTold && !isQuiet() && swarm.exportFaultRate > 0 && swarm.exportFaults.includes('changed');
    if (!isFickle || tape.draw(2) === 0) return false;
    count('export-changed');
    return true;
  };

  const tellStatus = (id: string, page: number, fault: ExportFault | undefined): ServerAnswer => {
    if (fault === 'expired') exports.delete(id);
    const one = exports.get(id);
    if (one === undefined) return answerOf(404, {}, outcome('error'));
    if (now() < one.readyAt) {
      const retry: Record<string, string> = one.retryAfter === undefined ? {} : { 'retry-after': one.retryAfter };
      return answerOf(202, { 'x-progress': `${plantedReference}1 of some`, ...retry });
    }
    const [{ files }] = one.contents as [ExportContent];
    if (page === 1 && isChanged(one, fault)) one.contents.push(make(files.length, false));
    one.wasTold = true;
    return answerOf(200, { 'content-type': 'application/json' }, describePage(id, one, page));
  };

  const partsOf = (bytes: Uint8Array): Uint8Array[] =>
    Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, part) =>
      bytes.subarray(part * partBytes, (part + 1) * partBytes),
    );

  /** A file, or a part of it where it is asked for the part of the very file that is there (RFC 9110 section 13.1.5). */
  const giveFile = (path: readonly string[], request: ExchangeRequest, fault: ExportFault | undefined) => {
    const [id = '', version = '', file = ''] = path;
    const one = exports.get(id);
    const bytes = one?.contents[Number(version)]?.files[Number(file)];
    if (one === undefined || bytes === undefined || fault === 'file-gone') return answerOf(404, {}, outcome('error'));
    const isCut = fault === 'cut';
    const send = (status: number, headers: Record<string, string>, body: Uint8Array): ServerAnswer => {
      const parts = partsOf(body);
      return {
        status,
        headers: { ...headers, 'content-length': String(body.length) },
        parts: isCut ? parts.slice(0, tape.draw(parts.length + 1)) : parts,
        isCut,
      };
    };
    if (one.form === 'binary') {
      const binary = { resourceType: 'Binary', data: Buffer.from(bytes).toString('base64') };
      return send(200, { 'content-type': 'application/fhir+json' }, Buffer.from(JSON.stringify(binary)));
    }
    const type = { 'content-type': 'application/fhir+ndjson' };
    if (one.form === 'plain') return send(200, type, bytes);
    const etag = `"${id}-${version}-${file}"`;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers?.['range'] ?? '')?.[1] ?? 0);
    const headers = { ...type, etag, 'accept-ranges': 'bytes' };
    if (from === 0 || request.headers?.['if-range'] !== etag) return send(200, headers, bytes);
    const size = bytes.length;
    if (from >= size) return answerOf(416, { etag, 'content-range': `bytes */${size}` });
    const to = Math.min(from + mostOfPart, size);
    return send(206, { ...headers, 'content-range': `bytes ${from}-${to - 1}/${size}` }, bytes.subarray(from, to));
  };

  const giveToken = ({ authorization = '' }: ExchangeRequest): ServerAnswer => {
    const given = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
    if (given !== `reporting:${plantedSecret}-${tenant}`) return answerOf(401);
    issued += 1;
    const seconds = choose([300, 60, 3600]);
    tokens.set(`Bearer planted-token-${tenant}-${issued}`, now() + seconds * second);
    return answerOf(
      200,
      {},
      { access_token: `planted-token-${tenant}-${issued}`, token_type: 'Bearer', expires_in: seconds },
    );
  };

  const tellErrors = (id: string): ServerAnswer => {
    const severity = exports.get(id)?.fault === 'warnings' ? 'warning' : 'error';
    return answerOf(200, { 'content-type': 'application/fhir+ndjson' }, outcome(severity));
  };

  const refuseForNow = (): ServerAnswer => {
    const date = new Date(now() + 40 * second).toUTCString();
    return answerOf(choose([503, 429]), { 'retry-after': choose(['5', date]) }, outcome('error'));
  };

  const needsToken = (kind: string, [id = '']: readonly string[]): boolean =>
    kind !== 'token' && (kind !== 'planted-link' || exports.get(id)?.needsToken === true);
  const isSignedIn = ({ authorization = '' }: ExchangeRequest): boolean => (tokens.get(authorization) ?? 0) > now();

  /** By the first part of the path below the base. */
  const answers: Readonly<Record<string, (asked: Asked) => ServerAnswer>> = {
    token: ({ request }) => giveToken(request),
    $export: kickOff,
    'planted-link': ({ request, path, fault }) => giveFile(path, request, fault),
    'planted-errors': ({ path: [id = ''] }) => tellErrors(id),
    'planted-export'({ request, path: [id = ''], isNextPage, fault }) {
      if (request.method === 'DELETE') return answerOf(exports.delete(id) ? 202 : 404);
      return tellStatus(id, isNextPage ? 2 : 1, fault);
    },
  };

  return {
    /** All that it ever exported. */
    made: made as readonly ExportContent[],
    /** Answers one request. */
    answer(request: ExchangeRequest): ServerAnswer {
      const { pathname, searchParams } = new URL(request.url);
      const [kind = '', ...path] = pathname.slice('/r4/'.length).split('/');
      const fault = drawFault(false);
      if (fault === 'busy') return refuseForNow();
      if (fault === 'signed-out') tokens.clear();
      if (needsToken(kind, path) && !isSignedIn(request)) return answerOf(401);
      return answers[kind]?.({ request, path, isNextPage: searchParams.has('page'), fault }) ?? answerOf(404);
    },
  };
};

/** A tenant's server as the simulation has it. */
export type SimulatedExportServer = ReturnType<typeof createExportServer>;
