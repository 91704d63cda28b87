/**
 * npm run test:faults: breaks what can break while members log workouts, and shows that nothing that was acknowledged is lost.
 * `npm run test:faults -- test/faults/clock.test.ts` runs one of the files. FAULTS_SEED repeats a run's choices, FAULTS_MINUTES is
 * how long all of it may take.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import { REPORT_FILE, SEED, type FaultReport } from './support/report.ts';

const MINUTES = Number(process.env.FAULTS_MINUTES ?? 40);
const GRACE_MS = 10_000;

async function filesToRun(): Promise<string[]> {
  const named = process.argv.slice(2);
  if (named.length > 0) return named;
  const found = await readdir(import.meta.dirname);
  return found.filter((name) => name.endsWith('.test.ts')).sort().map((name) => join(import.meta.dirname, name));
}

async function readReport(): Promise<FaultReport | undefined> {
  return readFile(REPORT_FILE, 'utf8').then(
    (text) => JSON.parse(text) as FaultReport,
    () => undefined,
  );
}

function tableOf({ faults }: FaultReport): string {
  const table = new Table({
    head: ['fault', 'injected at', 'sent', 'acknowledged', 'refused', 'broken off', 'acknowledged and lost', 'back after', 'verify'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  const seconds = (milliseconds: number | undefined): string => (milliseconds === undefined ? '' : `${(milliseconds / 1000).toFixed(1)} s`);
  for (const { fault, injectedAtMs, sent, acknowledged, refused, broken, lostAcknowledged, backMs, isVerified } of faults) {
    const counts = [sent, acknowledged, refused, broken, lostAcknowledged].map((count) => (count === undefined ? '' : String(count)));
    const verdict = isVerified === undefined ? '' : isVerified ? 'green' : 'RED';
    table.push([fault, seconds(injectedAtMs), ...counts, seconds(backMs), verdict]);
  }
  return table.toString();
}

/** Ends mocha and what it has started: first politely, so that database servers go, then for sure. */
async function endGroup(pid: number, exit: Promise<unknown>): Promise<void> {
  signalGroup(pid, 'SIGINT');
  await Promise.race([exit, delay(GRACE_MS, undefined, { ref: false })]);
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of it is left.
  }
}

process.stdout.write(`FAULTS_SEED=${String(SEED)}, at most ${String(MINUTES)} minutes\n`);
await rm(REPORT_FILE, { force: true });
const mocha = ['node_modules/mocha/bin/mocha.js', '--require', './test/faults/support/report.ts', ...(await filesToRun())];
const child = spawn(process.execPath, mocha, { stdio: 'inherit', detached: true, env: { ...process.env, FAULTS_SEED: String(SEED) } });
const exit = once(child, 'exit') as Promise<[number | null]>;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endGroup(child.pid ?? 0, exit).then(() => process.exit(1)));
}
const limit = delay(MINUTES * 60_000, 'late' as const, { ref: false });
const ended = await Promise.race([exit, limit]);
const report = await readReport();
// A test that failed may have left servers behind.
await endGroup(child.pid ?? 0, exit);
if (report !== undefined) {
  process.stdout.write(`${tableOf(report)}\n`);
  for (const line of report.skipped) process.stdout.write(`skipped: ${line}\n`);
  process.stdout.write(`FAULTS_SEED=${String(report.seed)}; ${String(report.faults.length)} faults, ${String(report.failed.length)} tests failed; in ${REPORT_FILE}\n`);
}
if (ended === 'late') process.stderr.write(`The time is over after ${String(MINUTES)} minutes. What hung: ${report?.running ?? 'the start or the end of a file'}\n`);
const code = ended === 'late' ? 1 : (ended[0] ?? 1);
process.exit(report === undefined || report.failed.length > 0 ? Math.max(1, code) : code);
