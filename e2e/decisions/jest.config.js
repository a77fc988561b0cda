// The unit tests of one service's decisions, without any engine.
export default {
  rootDir: '../..',
  testMatch: JSON.parse(process.env.DECISION_TESTS ?? '[]').map((file) => `<rootDir>/${file}`),
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
};
