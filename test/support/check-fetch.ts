import { product } from '../../functions/platform/product.ts';

/**
 * A setup file of vitest: whatever a test fetches from the service, by whichever client, is checked by `check-answer.ts` whatever the
 * test is about. Answers of the service are told by their `x-powered-by`; all others pass.
 */
const fetchUnchecked = globalThis.fetch;

const basePath = '/fhir';

const check = async (method: string, response: Response): Promise<void> => {
  if (!response.headers.get('x-powered-by')?.startsWith(`${product.name}/`)) return;
  const path = decodeURIComponent(new URL(response.url).pathname).slice(basePath.length);
  const { checkAnswer } = await import('./check-answer.ts');
  const headers = Object.fromEntries(response.headers);
  await checkAnswer({ method, path, status: response.status, headers, body: await response.clone().text() });
};

globalThis.fetch = async (input, init) => {
  const response = await fetchUnchecked(input, init);
  await check(init?.method ?? (input instanceof Request ? input.method : 'GET'), response);
  return response;
};
