import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Suites that start processes, and mostly wait for them; nothing may be left running when they are done. */
const endToEnd = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  fileParallelism: false,
  globalSetup: ['tests/support/nothing-left-running.ts'],
};

/** Suites, quickest first: `unit` beside the code, `integration` and `browser` under tests/; `faults` apart. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Many files wait for processes of their own most of the time: one more than two cores have.
          maxWorkers: Math.max(3, availableParallelism()),
          include: ['packages/*/src/**/*.test.ts', 'demo/**/*.test.ts', 'tests/{fuzz,unit}/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        // The storage suite once more, over ClickHouse's HTTP interface: packages/store/src/engine.fixture.ts.
        test: {
          name: 'server-engine',
          include: [
            'packages/store/src/store.test.ts',
            'packages/store/src/copy/*.test.ts',
            'packages/store/src/reader/*.test.ts',
            'packages/store/src/schema/*.test.ts',
          ],
          env: { SPANWISE_TEST_ENGINE: 'server' },
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts', 'tests/faults/**/*.test.ts'],
          ...endToEnd,
          // Each file has its own ports and folders.
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      // The same suites of faults, in full: `npm run test:faults`.
      {
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.test.ts'],
          env: { SPANWISE_FAULTS: 'full' },
          ...endToEnd,
        },
      },
      // Beside a real Jaeger, where there is one: `JAEGER_BINARY=… npm run test:differential`.
      { test: { name: 'differential', include: ['tests/differential/**/*.test.ts'], ...endToEnd } },
      // The published packages, installed from the registry: `npm run test:packages`.
      { test: { name: 'packages', include: ['tests/packages/**/*.test.ts'], ...endToEnd } },
      // OpenTelemetry's own SDKs of other languages, where they are set up: tests/senders/README.md.
      { test: { name: 'senders', include: ['tests/senders/**/*.test.ts'], ...endToEnd } },
      { test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], ...endToEnd } },
    ],
  },
});
