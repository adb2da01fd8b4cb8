import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Files that need a process of their own: they start the emulators of `local/` or send by clients of the SDK, whose prototypes other files mock (`.embedded`), or replace a module (`.mocked`). */
const apart = 'test/**/*.{embedded,mocked}.test.ts';

/** All other files need nothing but the source, and share the processes that run them: that halves the time of a run. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    setupFiles: ['test/support/check-fetch.ts', 'test/support/watch-leaks.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'apart', include: [apart] } },
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: [apart], isolate: false } },
    ],
  },
});
