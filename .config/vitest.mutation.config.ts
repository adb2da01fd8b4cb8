import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests that mutants are run against: MUTATION_TESTS, paths as JSON, set by test/mutation/mutate.ts. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: { include: JSON.parse(process.env['MUTATION_TESTS'] ?? '[]'), testTimeout: 20_000 },
});
