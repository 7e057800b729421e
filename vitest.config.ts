import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A folder that nobody can make: what a test computes is kept for no other run.
    env: { HEADROOM_CACHE_DIR: resolve('package.json', 'cache') },
    include: ['test/**/*.test.ts'],
    // Those run inside the editor.
    exclude: ['test/vscode/**', 'test/fixtures/**', 'test/corpus/**'],
    // All processors: by default one is left alone, which is half of a small machine.
    maxWorkers: '100%',
    // A limit for what hangs, with room for a machine that is busy with something else.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
