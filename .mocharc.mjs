export default {
  import: ['tsx'],
  require: ['test/support/setup.ts'],
  spec: ['test/**/*.test.ts'],
  ignore: ['test/bench/**', 'test/browser/**', 'test/faults/**'],
  timeout: 20_000,
  forbidOnly: process.env.CI === 'true',
};
