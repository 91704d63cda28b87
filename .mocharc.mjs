// mocha adds the files of the command line to those named here: `npm test -- test/kernel/x.test.ts` is to run one.
const isOneNamed = process.argv.slice(2).some((argument) => argument.endsWith('.test.ts'));

export default {
  // Sources are ES modules: loaded with require(), the kernel would exist twice, once for tests and once for plugins.
  'node-option': ['no-experimental-require-module', 'import=./kernel/typescript/register.mjs'],
  require: ['test/support/setup.ts'],
  ...(!isOneNamed && { spec: ['test/**/*.test.ts', 'examples/**/*.test.ts'] }),
  ...(!isOneNamed && { ignore: ['test/bench/**', 'test/browser/**', 'test/faults/**'] }),
  // A file at a time on each of two processors; one that is named runs in this process, where a debugger finds it.
  ...(!isOneNamed && { parallel: true, jobs: 2 }),
  reporter: 'test/support/reporter.cjs',
  timeout: 20_000,
  // A test that fails may leave a server behind: the run ends all the same.
  exit: true,
  forbidOnly: process.env.CI === 'true',
};
