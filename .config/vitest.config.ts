import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests whose name ends in `.embedded.test.ts` start the emulators of `local/`; all others need nothing but the source. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/check-fetch.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
