import { parse } from 'content-type';
import Negotiator from 'negotiator';
import { rememberAnswers } from '../platform/remember-answers.ts';
import { ServiceError } from '../platform/service-error.ts';

/** The media type of every FHIR body that the service writes. */
export const fhirJson = 'application/fhir+json; charset=UTF-8';

/** How a Binary is answered: as the FHIR resource, or as the raw bytes with the content's own type (FHIR R4 binary.html#rest). */
export type BinaryForm = 'resource' | 'raw';

/** What decides about the format: the `Accept` header and the `_format` parameter, each absent where it was not sent. */
export interface FormatWish {
  readonly accept: string | undefined;
  readonly format: string | undefined;
}

/** Longer `Accept` headers are refused unread. */
const longestAccept = 2048;

const fhirTypes = ['application/fhir+json', 'application/json+fhir'];

/** Media types may carry parameters that change nothing here. */
const withParameters = (types: readonly string[]): string[] =>
  types.flatMap((type) => [
    type,
    // An offer with both parameters fits a wish for either, in any order.
    ...['4.0', '4.0.1'].map((version) => `${type}; charset=utf-8; fhirversion=${version}`),
  ]);

const fhirOffers = withParameters(fhirTypes);
const jsonOffers = withParameters([...fhirTypes, 'application/json', 'text/json']);

/** Values of `_format` that mean FHIR JSON (FHIR R4 http.html#parameters). A `+` that a client did not encode arrives as a space. */
const jsonFormats: ReadonlySet<string> = new Set(['json', 'text/json', 'application/json', ...fhirTypes]);

const notAcceptable = (served = 'application/fhir+json'): ServiceError =>
  new ServiceError('GENERAL_NOT_ACCEPTABLE', { args: [served] });

const isJsonFormat = (format: string): boolean =>
  jsonFormats.has((format.split(';')[0] ?? '').trim().toLowerCase().replaceAll(' ', '+'));

const choose = (accept: string | undefined, offers: string[]): string | undefined => {
  if (accept !== undefined && accept.length > longestAccept) return undefined;
  return new Negotiator({ headers: { accept: accept?.trim() || '*/*' } }).mediaType(offers);
};

/** Headers that are remembered with what they were found to mean: the few that clients send with every request. */
const rememberedHeaders = 64;

const chooseJson = rememberAnswers(rememberedHeaders, (accept) => choose(accept, jsonOffers));

/**
 * Checks that FHIR JSON is wanted, where that is all there is. `_format` wins over `Accept`; `application/json`, `*` + `/*`
 * and no `Accept` mean FHIR JSON.
 *
 * @throws ServiceError `GENERAL_NOT_ACCEPTABLE`
 */
export const requireFhirJson = ({ accept, format }: FormatWish): void => {
  if (format === undefined ? chooseJson(accept ?? '') === undefined : !isJsonFormat(format)) throw notAcceptable();
};

/**
 * Checks that JSON is wanted which is not FHIR: `application/json`, `*` + `/*`, no `Accept`, or a `_format` that means JSON.
 *
 * @throws ServiceError `GENERAL_NOT_ACCEPTABLE`
 */
export const requireJson = ({ accept, format }: FormatWish): void => {
  const isWanted = format === undefined ? choose(accept, ['application/json']) !== undefined : isJsonFormat(format);
  if (!isWanted) throw notAcceptable('application/json');
};

/** What a client may call the content of a Binary without knowing its type: by what the bytes of a report are, or bytes at all. */
const contentNames = ['application/zip', 'application/octet-stream'];

/**
 * How a Binary is wanted, as HAPI decides it: only FHIR's own media types (or `_format`) give the resource; `application/json`, `*` + `/*`, no `Accept` and
 * any type that the content may have give the raw bytes. Which of these types it has at the moment makes no difference, so that who waits for a
 * report by its type sees that it is not there yet, and who waits in vain why. `application/json` beside a FHIR type is another name for that.
 *
 * @param contentTypes all types that a version's content can have
 * @throws ServiceError `GENERAL_NOT_ACCEPTABLE`
 */
export const chooseBinaryForm = ({ accept, format }: FormatWish, contentTypes: readonly string[]): BinaryForm => {
  if (format !== undefined) {
    if (isJsonFormat(format)) return 'resource';
    throw notAcceptable();
  }
  const own = contentTypes.filter((type) => !fhirTypes.includes(type));
  // Of offers that fit equally well the first wins, so that `*/*` gives raw bytes and a named FHIR type the resource.
  const chosen = choose(accept, [...own, ...contentNames, ...fhirOffers]) ?? choose(accept, ['application/json']);
  if (chosen === undefined) throw notAcceptable('*/*" or "Accept: application/fhir+json');
  return fhirOffers.includes(chosen) ? 'resource' : 'raw';
};

/** Whether gzip may be applied to the answer (RFC 9110 section 12.5.3). */
export const acceptsGzip = (acceptEncoding: string | undefined): boolean =>
  acceptEncoding !== undefined &&
  acceptEncoding.length <= longestAccept &&
  new Negotiator({ headers: { 'accept-encoding': acceptEncoding } }).encodings(['gzip']).includes('gzip');

const unsupported = (why: string): ServiceError => new ServiceError('GENERAL_UNSUPPORTED_MEDIA_TYPE', { args: [why] });

const bodyTypes: ReadonlySet<string> = new Set([...fhirTypes, 'application/json']);

const checkBodyType = (contentType: string): true => {
  const { type, parameters } = parse(contentType);
  if (!bodyTypes.has(type.toLowerCase())) throw unsupported('its content type is not FHIR JSON');
  const charset = parameters['charset']?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8') throw unsupported('its character set is not UTF-8');
  const version = parameters['fhirversion'] ?? '4.0';
  if (version !== '4.0' && version !== '4.0.1') throw unsupported('its FHIR version is not 4.0');
  return true;
};

const requireBodyType = rememberAnswers(rememberedHeaders, checkBodyType);

/**
 * Checks that a body is FHIR JSON of R4 in UTF-8 and not encoded further. Media type and parameters compare without case.
 *
 * @throws ServiceError `GENERAL_UNSUPPORTED_MEDIA_TYPE` that says which of these it is not
 */
export const requireFhirJsonBody = (contentType: string | undefined, contentEncoding: string | undefined): void => {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') throw unsupported('it has a content encoding');
  if (contentType === undefined || contentType.trim() === '') throw unsupported('its content type is not given');
  requireBodyType(contentType);
};
