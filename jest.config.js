import { availableParallelism } from 'node:os';

export default {
  testMatch: [
    '<rootDir>/*.test.ts',
    '<rootDir>/*/src/**/*.test.ts',
    '<rootDir>/console/pages/src/**/*.test.ts',
    '<rootDir>/{infra,ops,docs,new-service,e2e}/**/*.test.ts',
  ],
  // Node strips the types itself; a transform would only hide what really runs.
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/client/.next/'],
  testSequencer: '<rootDir>/e2e/run/sequencer.ts',
  globalSetup: '<rootDir>/e2e/run/setup.ts',
  globalTeardown: '<rootDir>/e2e/run/teardown.ts',
  // One more than there are cores: much of what these tests do is to wait, for engines and for time to pass.
  maxWorkers: availableParallelism() + 1,
  // For it.concurrent: only the cases that wait half a minute for a late process use it, and all can wait at once.
  maxConcurrency: 12,
  // A limit for what hangs, not a measure of speed: with engines shared by three workers a test may take several times
  // as long as alone.
  testTimeout: 300_000,
};
