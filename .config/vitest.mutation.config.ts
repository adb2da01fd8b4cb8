import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { areas } from './mutation-areas.mjs';

/** The tests of the area that is mutated, without emulators, and without those that read the source itself, which is changed. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: areas.chosen().tests,
    exclude: ['**/*.embedded.test.ts', 'test/auth/tenant-ports.test.ts', 'test/worker/no-sending.test.ts'],
    testTimeout: 20_000,
  },
});
