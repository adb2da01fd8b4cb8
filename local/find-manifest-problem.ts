import { defaultLimits } from '../functions/episodes/data-set-limits.ts';
import { parseInstant } from '../functions/episodes/fhir-date-time.ts';
import { isAhead } from '../functions/episodes/is-ahead.ts';
import { parseManifest } from '../functions/episodes/manifest.ts';
import { ServiceError } from '../functions/platform/service-error.ts';

/**
 * Why no report can be made by a manifest: it cannot be read, or its cut-off is to come; undefined where one can, its files being there.
 *
 * @param now milliseconds since the epoch
 */
export const findManifestProblem = (text: string, now: number): string | undefined => {
  try {
    const { transactionTime } = parseManifest(Buffer.from(text), defaultLimits);
    const cutOff = parseInstant(transactionTime);
    const isToCome = cutOff !== undefined && isAhead(cutOff, now);
    return isToCome ? `its cut-off, ${transactionTime}, is in the future` : undefined;
  } catch (error) {
    return error instanceof ServiceError ? (error.details.cause ?? error.code) : String(error);
  }
};
