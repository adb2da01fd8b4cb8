import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';

// The page is compared with the schemas that the functions read their settings by. A new function's config.ts is found by itself; it
// exports its schema as `settings`.

type Schema = v.GenericSchema;
interface ConfigFile {
  readonly settings?: v.ObjectSchema<v.ObjectEntries, undefined>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const functionOf = (path: string): string => path.split('/').at(-2) ?? '';
const configs = new Map<string, ConfigFile>();
for (const path of globSync('functions/*/config.ts', { cwd: root })) {
  configs.set(functionOf(path), (await import(`${root}${path}`)) as ConfigFile);
}

/** What a schema says of one variable. */
interface Facts {
  readonly required: boolean;
  readonly fallback: string | undefined;
  readonly bounds: readonly [number, number] | undefined;
}

interface Bound {
  readonly type: string;
  readonly requirement?: unknown;
}

const boundOf = (pipe: readonly Bound[], type: string): number | undefined => {
  const requirement = pipe.find((action) => action.type === type)?.requirement;
  return typeof requirement === 'number' ? requirement : undefined;
};

const describeSchema = (schema: Schema): Facts => {
  const isOptional = schema.type === 'optional';
  const inner = isOptional ? (schema as unknown as { readonly wrapped: Schema }).wrapped : schema;
  const pipe = (inner as unknown as { readonly pipe?: readonly Bound[] }).pipe ?? [];
  const [min, max] = [boundOf(pipe, 'min_value'), boundOf(pipe, 'max_value')];
  return {
    required: !isOptional,
    fallback: isOptional ? String(v.getDefault(schema as v.OptionalSchema<Schema, string>)) : undefined,
    bounds: min === undefined || max === undefined ? undefined : [min, max],
  };
};

const read = new Map<string, { readonly readers: string[]; readonly facts: Facts }>();
for (const [reader, { settings }] of configs) {
  for (const [name, schema] of Object.entries(settings?.entries ?? {})) {
    const facts = describeSchema(schema as Schema);
    const known = read.get(name) ?? { readers: [], facts };
    known.readers.push(reader);
    read.set(name, known);
  }
}

const page = readFileSync(new URL('../../docs/environment-variables.md', import.meta.url), 'utf8');

interface Row {
  readonly readers: readonly string[];
  readonly unit: string;
  readonly fallback: string;
}

const rows = new Map<string, Row>(
  page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [name = '', readers = '', unit = '', fallback = ''] = line.slice(2).split(' | ');
      return [name.replaceAll('`', ''), { readers: readers.split(', '), unit, fallback }];
    }),
);

/** The default as the page tells it. */
const tell = ({ required, fallback }: Facts): string => (required ? 'required' : fallback || 'none');

/** `name` and `URL` have no bounds; `hours, 25–720` has a unit and two. */
const readUnit = (unit: string) => {
  const [, word = unit, min, max] = /^(.*?)(?:, )?(\d+)–(\d+)$/.exec(unit) ?? [];
  return { word, bounds: min === undefined ? undefined : [Number(min), Number(max)] };
};

/** What the name of a variable says of its unit. */
const unitByName: readonly (readonly [RegExp, string])[] = [
  [/_SECONDS$/, 'seconds'],
  [/_HOURS$/, 'hours'],
  [/_DAYS$/, 'days'],
  [/_URL$/, 'URL'],
];

test('every config.ts exports the schema of its settings', () => {
  expect(configs.size).toBeGreaterThan(3);
  expect([...configs].flatMap(([name, { settings }]) => (settings ? [] : [name]))).toEqual([]);
});

test('the page has every variable that a function reads, and no other', () => {
  expect([...rows.keys()].sort()).toEqual([...read.keys()].sort());
});

test('functions that read the same variable agree on its form and default', () => {
  for (const { settings } of configs.values()) {
    for (const [name, schema] of Object.entries(settings?.entries ?? {})) {
      expect(describeSchema(schema as Schema), name).toEqual(read.get(name)?.facts);
    }
  }
});

describe.each([...read])('%s', (name, { readers, facts }) => {
  const row = rows.get(name) ?? { readers: [], unit: '', fallback: '' };

  test('is read by the functions that the page names', () => {
    expect([...row.readers].sort()).toEqual([...readers].sort());
  });

  test('has the default that the page says', () => {
    expect(row.fallback).toBe(tell(facts));
  });

  test('has the unit and the bounds that the page says', () => {
    const { word, bounds } = readUnit(row.unit);
    expect(bounds).toEqual(facts.bounds);
    expect(word).not.toBe('');
    for (const [pattern, unit] of unitByName) if (pattern.test(name)) expect(word).toMatch(new RegExp(`^${unit}\\b`));
  });
});
