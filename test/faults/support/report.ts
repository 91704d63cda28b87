import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Test } from 'mocha';
import { Random } from '../../support/random.ts';

/** What a fault did, as far as it is measured. */
export interface FaultRow {
  fault: string;
  /** Milliseconds after the load began. */
  injectedAtMs?: number;
  sent?: number;
  acknowledged?: number;
  /** Told to come back: 503, 507. */
  refused?: number;
  /** Neither answered nor refused: nobody knows what became of it until it is repeated. */
  broken?: number;
  lostAcknowledged?: number;
  /** From the end of the fault to the next acknowledged write. */
  backMs?: number;
  isVerified?: boolean;
  note?: string;
}

/** The file that the run writes as it goes on, so that it also says where a run that hung was. */
export interface FaultReport {
  seed: number;
  /** The test that runs now. */
  running?: string;
  failed: string[];
  skipped: string[];
  faults: FaultRow[];
}

export const REPORT_FILE = 'test/output/faults.json';
export const SEED = Number(process.env.FAULTS_SEED ?? 20_261_129);

const report: FaultReport = { seed: SEED, failed: [], skipped: [], faults: [] };

/** Choices that the seed repeats, independent of what other tests have chosen. */
export function seeded(what: string): Random {
  let hash = SEED >>> 0;
  for (const character of what) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93) >>> 0;
  return new Random(hash);
}

export function recordFault(row: FaultRow): void {
  report.faults.push(row);
  write();
}

/** Says why a fault cannot be made on this machine, and skips the test. */
export function skipFault(test: Mocha.Context, why: string): never {
  const name = test.test?.fullTitle() ?? '';
  process.stdout.write(`      skipped: ${why}\n`);
  report.skipped.push(`${name}: ${why}`);
  write();
  return test.skip();
}

function write(): void {
  mkdirSync(dirname(REPORT_FILE), { recursive: true });
  writeFileSync(`${REPORT_FILE}.new`, `${JSON.stringify(report, null, 2)}\n`);
  renameSync(`${REPORT_FILE}.new`, REPORT_FILE);
}

/** For mocha, which this file is given to with --require. */
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    report.running = this.currentTest?.fullTitle() ?? '';
    write();
  },
  afterEach(this: Mocha.Context): void {
    const test: Test | undefined = this.currentTest;
    if (test?.state === 'failed') report.failed.push(test.fullTitle());
    delete report.running;
    write();
  },
};
