import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listEndpoints } from '../../functions/api/interactions.ts';
import { createRoutes, type RouteDependencies } from '../../functions/api/routes.ts';
import { toErrorResponse } from '../../functions/fhir/operation-outcome.ts';
import { errorRetry, ServiceError } from '../../functions/platform/service-error.ts';
import { validateResource } from '../support/validate-resource.ts';

const folder = new URL('../../docs/api/', import.meta.url);
const pages = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const);
const index = readFileSync(new URL('README.md', folder), 'utf8');

/** Bodies of the examples, whole lines from `{` to `}` inside of a fence. Long base64 ends in `…`. */
const examplesIn = (text: string): readonly unknown[] =>
  [...text.matchAll(/```(?:json|http)\n([\s\S]*?)```/g)].flatMap(([, block = '']) => {
    const [json] = /^\{[\s\S]*\}$/m.exec(block.trim()) ?? [];
    return json === undefined ? [] : [JSON.parse(json.replaceAll('…"', '"')) as unknown];
  });

test.each(listEndpoints(createRoutes({ baseUrl: 'https://reporting.example/fhir' } as RouteDependencies)))(
  'the index has $method $route.template with its role and a page',
  ({ method, route }) => {
    const rows = index.split('\n').filter((line) => line.startsWith('|') && line.includes(`${route.template}\``));
    const row = rows.find((line) => line.includes(`\`${method}`));
    const role = route.access === 'public' ? 'none' : `\`${route.methods[method]?.role}\``;
    expect(row?.split('|')[2]?.trim()).toBe(role);
    const [, file = ''] = /\]\(([\w-]+\.md)/.exec(row ?? '') ?? [];
    expect(pages.map(([name]) => name)).toContain(file);
  },
);

test('every error code that a client can see stands on some page', () => {
  const text = pages.map(([, page]) => page).join('\n');
  const visible = Object.keys(errorRetry).filter((code) => /^(?:GENERAL|REPORTING|SECURITY)_/.test(code));
  expect(visible.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});

test('the table of errors has status and issue type as they are answered', () => {
  const rows = [...index.matchAll(/^\| (\d{3}) \| (`.+?`) \| (`.+?`) \| /gm)];
  expect(rows.length).toBeGreaterThan(10);
  for (const [, status, codes = '', types] of rows) {
    for (const [code] of codes.matchAll(/[A-Z_]+/g)) {
      const answer = toErrorResponse(new ServiceError(code as keyof typeof errorRetry));
      expect([code, String(answer.status)]).toEqual([code, status]);
      expect([code, types]).toEqual([code, expect.stringContaining(`\`${answer.body.issue[0].code}\``)]);
    }
  }
});

describe.each(pages)('%s', (name, text) => {
  test('names only pages that there are', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([\w-]+\.md)/g)) {
      expect(pages.map(([page]) => page)).toContain(target);
    }
  });
  test('names only error codes that there are', () => {
    for (const [code] of text.matchAll(/\b(?:GENERAL|REPORTING|SECURITY)_[A-Z_]+\b/g)) {
      expect(Object.keys(errorRetry)).toContain(code);
    }
  });
  test('shows only valid R4', async () => {
    const examples = examplesIn(text);
    if (name !== 'README.md') expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) await validateResource(example);
  });
  test('tells the errors and the difference from FUT', () => {
    expect(text).toMatch(/^## Errors$/m);
    expect(text).toMatch(/^## Differences? from FUT$/m);
  });
});
