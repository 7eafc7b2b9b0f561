import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run the source of every package; only child processes run the compiled files.
    alias: readdirSync(`${root}packages`).map((name) => ({
      find: `@polyproof/${name}`,
      replacement: `${root}packages/${name}/src/index.ts`,
    })),
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'circuits/test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});
