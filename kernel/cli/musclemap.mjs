#!/usr/bin/env node
// npx musclemap: loads the sources as they are, so that there is no build to forget.
import './install.mjs';

await import('../typescript/register.mjs');
const { runProgram } = await import('./program.ts');
process.exitCode = await runProgram(process.argv);
// A plugin may have left something open that would keep the command from ending.
setTimeout(() => process.exit(), 1_000).unref();
