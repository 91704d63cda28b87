/**
 * Loaded into a server before its own code: from SIGUSR2 on it says each statement of the next change of a plugin, and kills the
 * process with SIGKILL once the n-th of them (KILL_AT) has been sent, as a power cut or `kill -9` would.
 */
import pg from 'pg';

type Send = (...args: unknown[]) => unknown;
const KILL_AT = Number(process.env.KILL_AT ?? Infinity);
const LOCK = `musclemap:plugin:${process.env.KILL_PLUGIN ?? ''}`;
const prototype = pg.Client.prototype as unknown as { query: Send };
const original = prototype.query;
let isArmed = false;
let connection: pg.Client | undefined;
let sent = 0;

function say(what: string): void {
  process.stderr.write(`${what}\n`);
}

/** Whether a statement belongs to the change, which begins with the lock of its plugin and ends with its commit. */
function belongs(client: pg.Client, text: string, values: readonly unknown[]): boolean {
  if (!isArmed) return false;
  if (values[0] === LOCK) connection ??= client;
  if (connection !== client) return false;
  if (text.startsWith('COMMIT')) isArmed = false;
  return true;
}

prototype.query = function (this: pg.Client, ...args: unknown[]): unknown {
  const [given] = args;
  const { text = '', values = [] } = typeof given === 'string' ? { text: given } : (given as { text?: string; values?: unknown[] });
  const isPart = belongs(this, text, values);
  const result = original.apply(this, args);
  if (!isPart) return result;
  sent += 1;
  say(`statement ${String(sent)}: ${text.replaceAll('\n', ' ')}`);
  if (sent === KILL_AT) process.kill(process.pid, 'SIGKILL');
  return result;
};

process.on('SIGUSR2', () => {
  isArmed = true;
  say('armed');
});
