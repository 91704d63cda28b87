// npm start: runs the server in a process of its own and starts it again when it is killed or crashes. Plain JavaScript without
// imports from npm, so that it stays a few megabytes beside the server.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const starters = findStarters();
/** npm, or the shell that it runs this in, is what somebody ends who wants the server ended. */
const isRunByNpm = process.env.npm_lifecycle_event === 'start';
if (isRunByNpm) await import('./cli/install.mjs');

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const typescript = new URL('typescript/register.mjs', import.meta.url).href;
/** So many ends within a minute, and the next start is in safe mode. */
const ENDS_BEFORE_SAFE_MODE = 5;
const MINUTE_MS = 60_000;
const LOOK_MS = 500;

let child;
let isStopping = false;
let ends = [];

if (isOrphan()) process.exit(1);
start(process.argv.slice(2));

function start(args) {
  const startedAt = Date.now();
  // The channel tells the server that its supervisor is gone, however that ended.
  child = spawn(process.execPath, ['--import', typescript, main, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.once('error', (error) => {
    process.stderr.write(`musclemap: the server cannot be started: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (isStopping || hasDecided(code)) process.exit(code ?? 1);
    const now = Date.now();
    ends = [...ends.filter((at) => at > now - MINUTE_MS), now];
    const isHopeless = ends.length >= ENDS_BEFORE_SAFE_MODE;
    if (isHopeless && args.includes('--safe')) process.exit(code ?? 1);
    const how = signal ?? `exit code ${code}`;
    const next = isHopeless && !args.includes('--safe') ? [...args, '--safe'] : args;
    const note = next === args ? '' : ', without any plugin: it ended too often';
    process.stderr.write(`musclemap: the server ended with ${how} after ${((now - startedAt) / 1000).toFixed(1)} s; it is started again${note}\n`);
    start(next);
  });
}

/** Whether the server ended because it had finished or refused to start, as opposed to having been struck down. */
function hasDecided(code) {
  return code === 0 || code === 1;
}

function stop(signal) {
  isStopping = true;
  child.kill(signal);
}

/** Whether npm is gone, which could pass no signal on when it was killed. */
function isOrphan() {
  return isRunByNpm && findStarters() !== starters;
}

/** Who has started this: npm, or the shell that it runs this in, which does not end with npm where it does not become this. */
function findStarters() {
  const { ppid } = process;
  try {
    const [, name = '', grandparent] = /\((.*)\) \S+ (\d+)/.exec(readFileSync(`/proc/${ppid}/stat`, 'utf8')) ?? [];
    return /^(ba|da|a|k|z)?sh$/.test(name) ? `${ppid} ${grandparent}` : `${ppid}`;
  } catch {
    // Elsewhere than on Linux a shell becomes the one thing that it runs.
    return `${ppid}`;
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => stop(signal === 'SIGHUP' ? 'SIGTERM' : signal));
}
// Who read what is written may be gone as well.
process.stderr.on('error', () => undefined);
setInterval(() => {
  if (!isStopping && isOrphan()) {
    process.stderr.write('musclemap: npm has ended, and the server ends with it\n');
    stop('SIGTERM');
  }
}, LOOK_MS).unref();
