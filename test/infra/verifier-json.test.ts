import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonObject, safeJsonParse } from '../../infra/verifier-json.ts';

/** The library's own file, which the bundles do without. */
const theirs = (await import(
  new URL('../../node_modules/aws-jwt-verify/dist/esm/safe-json-parse.js', import.meta.url).href
)) as { isJsonObject: typeof isJsonObject; safeJsonParse: typeof safeJsonParse };

const outcomeOf = (parse: (text: string) => unknown, text: string): unknown => {
  try {
    return { value: parse(text) };
  } catch (error) {
    return String(error);
  }
};

const expectAlike = (text: string): void => {
  expect(outcomeOf(safeJsonParse, text)).toStrictEqual(outcomeOf(theirs.safeJsonParse, text));
};

/** Names that are taken away, some that are nearly those, and others. */
const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'Constructor', '__proto', 'prototype', 'iss', 'aud', 'a\\b'),
  fc.string({ maxLength: 3 }),
);

const trees = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 4 }).map((members) => ({ members })),
  ),
})).tree;

/** JSON text in which every name is written as it is; `{"members":[…]}` of a tree is an object with these members, twice the same one also. */
const write = (tree: unknown): string => {
  if (Array.isArray(tree)) return `[${tree.map(write).join()}]`;
  const members =
    typeof tree === 'object' && tree !== null ? (tree as { members?: [string, unknown][] }).members : undefined;
  if (!Array.isArray(members)) return JSON.stringify(tree);
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${write(value)}`).join()}}`;
};

test('what JSON says is read as the library reads it, with its prototype and without the two names', () => {
  fc.assert(
    fc.property(trees, (tree) => expectAlike(write(tree))),
    { numRuns: 500 },
  );
});

test('also where it is no JSON', () => {
  fc.assert(
    fc.property(trees, fc.nat(), fc.string({ maxLength: 1 }), (tree, at, letter) => {
      const text = write(tree);
      const cut = at % (text.length + 1);
      expectAlike(text.slice(0, cut) + letter + text.slice(cut + 1));
    }),
    { numRuns: 500 },
  );
});

test.each([
  '{"__proto__":{"admin":true},"a":1}',
  '{"\\u005f_proto__":{"admin":true},"a":1}',
  '{"\\u0063onstructor":{"admin":true},"a":{"constructor":1}}',
  '[{"constructor":{"prototype":{"admin":true}}}]',
])('nothing reaches a prototype: %s', (text) => {
  expectAlike(text);
  expect(JSON.stringify(safeJsonParse(text))).not.toContain('admin');
});

test.each([{}, [], null, 'a', 1, undefined, new Map()])('an object is what the library takes for one: %j', (value) => {
  expect(isJsonObject(value)).toBe(theirs.isJsonObject(value));
});
