import { defineConfig } from 'vitest/config';

/** The long run under faults: `npm run chaos`. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/chaos/{chaos,kills,outage}.ts'],
    globalSetup: ['test/servers/global-setup.ts'],
    reporters: ['default', './test/servers/skipped-reporter.ts'],
    disableConsoleIntercept: true,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
