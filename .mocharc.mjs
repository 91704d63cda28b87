// mocha adds the files of the command line to those named here: `npm test -- test/kernel/x.test.ts` is to run one.
const isOneNamed = process.argv.slice(2).some((argument) => argument.endsWith('.test.ts'));

export default {
  // Sources are ES modules: loaded with require(), the kernel would exist twice, once for tests and once for plugins.
  'node-option': ['no-experimental-require-module', 'import=tsx'],
  require: ['test/support/setup.ts'],
  ...(!isOneNamed && { spec: ['test/**/*.test.ts', 'examples/**/*.test.ts'] }),
  ...(!isOneNamed && { ignore: ['test/bench/**', 'test/browser/**', 'test/faults/**'] }),
  reporter: 'test/support/reporter.cjs',
  timeout: 20_000,
  forbidOnly: process.env.CI === 'true',
};
