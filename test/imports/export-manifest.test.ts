import { expect, test } from 'vitest';
import { parseManifestPage } from '../../functions/imports/export-manifest.ts';
import { sampleTime } from '../support/sample-job.ts';

const from = 'https://fhir.example.dk/r4/status/1';
const page = (millis: number) => ({
  transactionTime: new Date(millis).toISOString(),
  requiresAccessToken: false,
  output: [],
});
const minutes = 60_000;

test('a server may be a quarter of an hour ahead of our clock, and no further', () => {
  const { transactionTime } = parseManifestPage(page(sampleTime + 15 * minutes), from, sampleTime);
  expect(Date.parse(transactionTime)).toBe(sampleTime + 15 * minutes);
  expect(() => parseManifestPage(page(sampleTime + 15 * minutes + 1), from, sampleTime)).toThrow(
    'MANIFEST_UNUSABLE: The manifest of the export: transactionTime is in the future.',
  );
});
