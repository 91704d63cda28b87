#!/usr/bin/env node
// npx musclemap: loads the sources as they are, so that there is no build to forget.
import './install.mjs';

const { register } = await import('tsx/esm/api');
register();
const { runProgram } = await import('./program.ts');
process.exitCode = await runProgram(process.argv);
