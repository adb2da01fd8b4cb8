import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTenantId, restoreTenantId } from '../../functions/auth/tenant.ts';
import { fingerprintRun, timeZoneDataOf } from '../../functions/reports/fingerprint-run.ts';
import { patientUsageStats } from '../../functions/reports/patient-usage-stats/patient-usage-stats.ts';

/** Everything that a fingerprint is made of. What a run is given besides does not compile until it stands here, and is then an ingredient that has to count. */
const basis = {
  definition: { name: 'PatientsUsageReport', rulesVersion: '1', limits: { lineBytes: 16, patients: 5 } },
  tenant: { id: 'demo', timeZone: 'Europe/Copenhagen', baseline: 10_000, toleratedLines: 0 },
  parameters: [{ name: 'unit', valueString: 'month' }],
  dataSet: {
    version: '"m"',
    transactionTime: '2026-04-01T00:00:00Z',
    files: [
      { name: 'a', version: '"1"', bytes: 10, count: 3 as number | undefined, sha256: 'aa' as string | undefined },
      { name: 'b', version: '"2"', bytes: 20, count: undefined, sha256: undefined },
    ],
  },
  surroundings: { productVersion: '0.1.0', code: 'c0de', timeZoneData: '2026a' },
};
type Basis = typeof basis;

const fingerprint = ({ definition, tenant, parameters, dataSet, surroundings }: Basis): string =>
  fingerprintRun(
    definition,
    {
      tenant: { ...tenant, id: restoreTenantId(tenant.id) },
      parameters,
      dataSet: {
        ...dataSet,
        files: dataSet.files.map(({ count, sha256, ...file }) => ({
          ...file,
          ...(count !== undefined && { count }),
          ...(sha256 !== undefined && { sha256 }),
          read: () => {
            throw new TypeError('a fingerprint is made without reading');
          },
        })),
      },
    },
    surroundings,
  );

/** Every place at which a basis has a value, as a path: `dataSet files 0 version`. */
const leaves = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]))
    : [path];

const changed = (value: unknown): unknown => {
  if (typeof value === 'number') return value + 1;
  return value === undefined ? 0 : `${value}x`;
};

/** The basis with another value at one place. */
const changeAt = <Value>(value: Value, [name, ...rest]: readonly string[]): Value => {
  if (name === undefined) return changed(value) as Value;
  const copy = structuredClone(value);
  Reflect.set(Object(copy), name, changeAt(Reflect.get(Object(value), name), rest));
  return copy;
};

describe('I10: a fingerprint', () => {
  test('is 64 digits, and the same for the same, however it was put together', () => {
    expect(fingerprint(basis)).toMatch(/^[0-9a-f]{64}$/);
    const again = structuredClone(basis);
    again.definition.limits = { patients: 5, lineBytes: 16 };
    expect(fingerprint(again)).toBe(fingerprint(basis));
  });
  test.each(leaves(basis).map((path) => [path.join(' '), path] as const))(
    'is another one for another %s',
    (_, path) => {
      expect(fingerprint(changeAt(basis, path))).not.toBe(fingerprint(basis));
    },
  );
  test.each([
    ['a file less', (files: Basis['dataSet']['files']) => files.slice(1)],
    ['the files in another order', (files: Basis['dataSet']['files']) => files.toReversed()],
    ['a file twice', (files: Basis['dataSet']['files']) => [...files, ...files]],
    ['no file', () => []],
  ])('is another one for %s', (_, change) => {
    const { dataSet } = basis;
    expect(fingerprint({ ...basis, dataSet: { ...dataSet, files: change(dataSet.files) } })).not.toBe(
      fingerprint(basis),
    );
  });
  test('changes with the parameters that decide the content, and there may be none', () => {
    expect(fingerprint({ ...basis, parameters: [] })).not.toBe(fingerprint(basis));
  });
});

const text = fc.string({ unit: 'binary', maxLength: 6 });
const absent = fc.constant(undefined);
const anyBasis = fc.record<Basis>({
  definition: fc.record({
    name: text,
    rulesVersion: text,
    limits: fc.record({ lineBytes: fc.nat({ max: 3 }), patients: fc.nat({ max: 3 }) }),
  }),
  tenant: fc.record({
    id: fc.string({ unit: fc.constantFrom('a', 'b', '1'), minLength: 1, maxLength: 3 }).filter(isTenantId),
    timeZone: text,
    baseline: fc.nat({ max: 20 }),
    toleratedLines: fc.nat({ max: 20 }),
  }),
  parameters: fc.array(fc.record({ name: text, valueString: text }), { maxLength: 2 }),
  dataSet: fc.record({
    version: text,
    transactionTime: text,
    files: fc.array(
      fc.record({
        name: text,
        version: text,
        bytes: fc.nat({ max: 20 }),
        count: fc.oneof(absent, fc.nat({ max: 20 })),
        sha256: fc.oneof(absent, text),
      }),
      { maxLength: 3 },
    ),
  }),
  surroundings: fc.record({ productVersion: text, code: text, timeZoneData: text }),
});

test('I10: whatever is drawn, one other ingredient is another fingerprint, and none is the same', () => {
  let drawn = 0;
  fc.assert(
    fc.property(anyBasis, fc.nat(), (one, at) => {
      const paths = leaves(one).filter(([first, second]) => first !== 'tenant' || second !== 'id');
      const path = paths[at % paths.length] ?? [];
      drawn += 1;
      expect(fingerprint(structuredClone(one))).toBe(fingerprint(one));
      expect(fingerprint(changeAt(one, path))).not.toBe(fingerprint(one));
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 1000), seed: 20_261_128 },
  );
  expect(drawn).toBeGreaterThanOrEqual(1000);
});

test('I10: no text can be moved from one ingredient to its neighbour without another fingerprint', () => {
  fc.assert(
    fc.property(text, text, text, (left, middle, right) => {
      fc.pre(middle !== '');
      const [file] = basis.dataSet.files;
      const withFile = (name: string, version: string) =>
        fingerprint({
          ...basis,
          dataSet: { ...basis.dataSet, files: [{ ...(file ?? basis.dataSet.files[0]), name, version }] as never },
        });
      expect(withFile(left + middle, right)).not.toBe(withFile(left, middle + right));
    }),
    { seed: 20_261_128 },
  );
});

test('time zone data is known by its version, and where Node does not tell it by that of Node', () => {
  const { tz: _, ...without } = process.versions;
  expect(timeZoneDataOf({ versions: process.versions, version: 'v24.0.0' })).toBe(process.versions['tz']);
  expect(timeZoneDataOf({ versions: without as NodeJS.ProcessVersions, version: 'v24.0.0' })).toBe('v24.0.0');
});

test('the report of unique active patients says which rules and limits it has', () => {
  expect(patientUsageStats.rulesVersion).toBe('1');
  expect(patientUsageStats.limits).toMatchObject({ lineBytes: expect.any(Number), patients: expect.any(Number) });
});
