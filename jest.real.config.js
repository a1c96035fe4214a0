// The suites that need real servers, and those that run whole programs for minutes: npm run test:real. What can't be had on this machine is
// skipped, and said.
const [base] = require('./jest.config.js').projects;

module.exports = {
  ...base,
  displayName: 'real',
  testMatch: ['real', 'programs'].map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
  globalSetup: '<rootDir>/test/support/servers/setup.ts',
  globalTeardown: '<rootDir>/test/support/servers/teardown.ts',
  // Whole shops with their servers run in these tests; side by side they would only slow each other down.
  maxWorkers: 1,
  testTimeout: 120_000,
};
