const { projects } = require('./jest.config.js');

/** What says that mutants of the domain are wrong. test/mutation says which specs: those of the domain that come to the file. */
module.exports = {
  ...projects.find(({ displayName }) => displayName === 'domain'),
  setupFiles: ['<rootDir>/test/setup.ts', '<rootDir>/test/mutation/few-runs.ts'],
};
