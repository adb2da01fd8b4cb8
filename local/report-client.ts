import { setTimeout as delay } from 'node:timers/promises';
import { strFromU8, unzipSync } from 'fflate';

/** The Binary resource as far as a client of the demo reads it. */
export interface BinaryResource {
  readonly resourceType: string;
  readonly id: string;
  readonly meta: { readonly versionId: string };
  readonly contentType: string;
}

/** The media types that a HAPI FHIR client sends with every call. */
export const fhirAccept = 'application/fhir+json;q=1.0, application/json+fhir;q=0.9';

/** How long a report is waited for, and the most between two looks; in milliseconds. */
export interface Patience {
  readonly within: number;
  readonly longestPause: number;
}

/**
 * Reads the Binary until it has a second version, as often as `Retry-After` says.
 *
 * @param patience half a minute and 5 s, if it is left out
 * @throws Error when it takes longer, and when an answer is not 200
 */
export const waitForReport = async (
  url: string,
  token: string,
  { within, longestPause }: Patience = { within: 30_000, longestPause: 5000 },
): Promise<BinaryResource> => {
  const headers = { authorization: `Bearer ${token}`, accept: fhirAccept };
  const end = performance.now() + within;
  while (performance.now() < end) {
    const response = await fetch(url, { headers });
    if (response.status !== 200) throw new Error(`reading the Binary was answered ${response.status}`);
    const binary = (await response.json()) as BinaryResource;
    if (binary.meta.versionId !== '1') return binary;
    await delay(Math.min(Number(response.headers.get('retry-after') ?? 1) * 1000, longestPause));
  }
  throw new Error(`the report was not finished within ${within / 1000} s`);
};

/** The entries of a finished report by path, each parsed from JSON. */
export const unpackReport = (zip: Uint8Array): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(unzipSync(zip)).map(([path, bytes]) => [path, JSON.parse(strFromU8(bytes)) as unknown]),
  );
