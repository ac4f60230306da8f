import { defineConfig } from 'vitest/config';

/** Benchmarks print figures and assert nothing about them; they share the servers of the tests. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/benchmarks/{dashboard,first-row,kafka-to-blackhole,state}.ts'],
    globalSetup: ['test/servers/global-setup.ts'],
    reporters: ['default', './test/servers/skipped-reporter.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
