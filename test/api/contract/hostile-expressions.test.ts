import { readFileSync } from 'node:fs';
import { checkSync } from 'recheck';
import { describe, expect, test } from 'vitest';
import { createRoutes, type RouteDependencies } from '../../../functions/api/routes.ts';
import { parseDateTime } from '../../../functions/episodes/fhir-date-time.ts';
import { listExpressions } from '../../support/list-expressions.ts';

// recheck decides each expression of the source: by an automaton, which is a proof, or where that grows too large by fuzzing, which is
// none. It takes seconds, so those that it has found to be linear stand in a file, and only what is new is checked. EXPRESSIONS=all, as
// in .ci/run, checks every one; so does EXPRESSIONS=update with --update, which writes the file anew.

const { EXPRESSIONS: wish = 'new' } = process.env;
const listed = new URL('../../fixtures/linear-expressions.txt', import.meta.url);
const { literals, builders } = listExpressions(['functions', 'local']);
const known = new Set(readFileSync(listed, 'utf8').split('\n'));

/** `safe` where its time grows with the length of its input, else what recheck says of it. */
const judge = (source: string, flags: string): string => {
  const verdict = checkSync(source, flags.replaceAll(/[dgy]/g, ''), { timeout: 20_000 });
  if (verdict.status !== 'vulnerable') return verdict.status;
  return `${verdict.complexity.summary} on ${verdict.attack.pattern}`;
};

describe('H65: no regular expression takes more than linear time:', () => {
  const toCheck = [...literals].filter(([text]) => wish !== 'new' || !known.has(text));
  test('H65: the check knows the expressions that do', () => {
    expect(literals.size).toBeGreaterThan(40);
    // The pattern for base64Binary in the pages of FHIR R4, and two that this source once had.
    expect(judge('^(\\s*([0-9a-zA-Z\\+/=]){4}\\s*)+$', '')).toMatch(/^exponential/);
    expect(judge('0+$', '')).toMatch(/^2nd degree/);
  });
  test('H65: those of the source', { timeout: 120_000 }, () => {
    const verdicts = toCheck.map(([text, { source, flags }]) => [text, judge(source, flags)]);
    expect(verdicts.filter(([, verdict]) => verdict !== 'safe')).toEqual([]);
  });
  test.runIf(wish === 'update')('H65: the file lists those of the source', async () => {
    await expect(`${[...literals.keys()].sort().join('\n')}\n`).toMatchFileSnapshot(listed.pathname);
  });
  test('H65: only the routes make expressions at run time, and those too are linear', () => {
    expect(builders).toEqual(['functions/api/route.ts']);
    const routes = createRoutes({ baseUrl: 'https://reporting.example/fhir' } as RouteDependencies);
    const segments = new Set(routes.map(({ pattern }) => pattern.source.replaceAll(/[\w-]{2,}/g, 'word')));
    for (const source of segments) expect([source, judge(source, '')]).toEqual([source, 'safe']);
  });
  test('H65: a date with a million digits is read at once', () => {
    const begun = performance.now();
    expect(parseDateTime(`2025-02-04T15:28:23.${'0'.repeat(1_000_000)}1Z`)).toMatchObject({ kind: 'instant' });
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
