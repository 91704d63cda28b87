'use strict';
// The spec reporter, and a last line that says how the run ended in words that any tool can read.
const { reporters } = require('mocha');

module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats ?? this.stats;
      process.once('exit', () => process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`));
    });
  }
};
