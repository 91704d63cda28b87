export default {
  // Sources are ES modules: loaded with require(), the kernel would exist twice, once for tests and once for plugins.
  'node-option': ['no-experimental-require-module', 'import=tsx'],
  require: ['test/support/setup.ts'],
  spec: ['test/**/*.test.ts'],
  ignore: ['test/bench/**', 'test/browser/**', 'test/faults/**'],
  reporter: 'test/support/reporter.cjs',
  timeout: 20_000,
  forbidOnly: process.env.CI === 'true',
};
