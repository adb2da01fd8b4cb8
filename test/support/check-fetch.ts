import { product } from '../../functions/platform/product.ts';
import { originalOf, registerToken, watch } from './leak-watch.ts';

/**
 * A setup file of vitest: whatever a test fetches from the service, by whichever client, is checked by `check-answer.ts` whatever the
 * test is about. Answers of the service are told by their `x-powered-by`; all others pass. No answer may hold a patient reference or a
 * token (invariant I9), save that of the local issuer, which is there to give tokens out.
 */
const fetchUnchecked = originalOf('fetch', globalThis.fetch);

const basePath = '/fhir';

const isTokenEndpoint = ({ url }: Response): boolean => /^\/realms\/[^/]+\/tokens$/.test(new URL(url).pathname);

const watchAnswer = async (response: Response): Promise<void> => {
  if (isTokenEndpoint(response)) return;
  watch('a fetched answer', [...response.headers]);
  watch('a fetched answer', Buffer.from(await response.clone().arrayBuffer()).toString());
};

const check = async (method: string, response: Response): Promise<void> => {
  if (!response.headers.get('x-powered-by')?.startsWith(`${product.name}/`)) return;
  const path = decodeURIComponent(new URL(response.url).pathname).slice(basePath.length);
  const { checkAnswer } = await import('./check-answer.ts');
  const headers = Object.fromEntries(response.headers);
  await checkAnswer({ method, path, status: response.status, headers, body: await response.clone().text() });
};

globalThis.fetch = async (input, init) => {
  const sent = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  registerToken(sent.get('authorization') ?? undefined);
  const response = await fetchUnchecked(input, init);
  await watchAnswer(response);
  await check(init?.method ?? (input instanceof Request ? input.method : 'GET'), response);
  return response;
};
