import { availableParallelism } from 'node:os';

export default {
  testMatch: ['<rootDir>/*/src/**/*.test.ts', '<rootDir>/infra/**/*.test.ts', '<rootDir>/e2e/**/*.test.ts'],
  // Node strips the types itself; a transform would only hide what really runs.
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/client/.next/'],
  globalSetup: '<rootDir>/common/src/testing/global-setup.ts',
  globalTeardown: '<rootDir>/common/src/testing/global-teardown.ts',
  // Jest would leave a core to itself; on two cores that is half of them, and most of these tests wait for engines.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  testTimeout: 20_000,
};
