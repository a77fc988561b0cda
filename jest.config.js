export default {
  testMatch: ['<rootDir>/*/src/**/*.test.ts', '<rootDir>/infra/**/*.test.ts', '<rootDir>/e2e/**/*.test.ts'],
  // Node strips the types itself; a transform would only hide what really runs.
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/client/.next/'],
  globalSetup: '<rootDir>/common/src/testing/global-setup.ts',
  globalTeardown: '<rootDir>/common/src/testing/global-teardown.ts',
  testTimeout: 20_000,
};
